"""A head: tissues as a function of a point in millimetres, and their brightness in T1w and FLAIR.

World axes: x to the right, y to the front, z up; the brain is about the origin.
"""

import numpy as np

from .noise import length, smooth_field

AIR, SKIN, FAT, MUSCLE, BONE, MARROW, FLUID, GREY, WHITE, EYE, CORE, OEDEMA, RIM = range(13)

T1W = [0.0, 0.62, 1.0, 0.42, 0.06, 0.38, 0.17, 0.52, 0.80, 0.16, 0.30, 0.57, 1.02]
FLAIR = [0.0, 0.55, 0.78, 0.42, 0.05, 0.30, 0.08, 0.66, 0.52, 0.12, 0.38, 0.98, 0.86]
EPI = [0.0, 0.20, 0.05, 0.30, 0.02, 0.05, 1.00, 0.66, 0.52, 0.95, 0.8, 0.9, 0.6]

# Four places within a voxel; their mean brightness gives the soft edges of thick slices.
PLACES = [(-0.25, -0.25, -0.375), (0.25, 0.25, -0.125), (0.25, -0.25, 0.125), (-0.25, 0.25, 0.375)]


class Head:
    """One subject: `size` scales the whole, `seed` draws the folds, `tumour` is a centre and a radius."""

    def __init__(self, size=(1.0, 1.0, 1.0), seed=1, ventricles=1.0, tumour=None):
        self.size, self.seed, self.ventricles, self.tumour = size, seed, ventricles, tumour

    def tissues(self, point):
        """The tissue at every point, drawn from the outside in: what comes later covers what came before."""
        x, y, z = (axis / size for axis, size in zip(point, self.size))
        side = np.abs(x)
        bend = smooth_field((x, y, z), 38.0, self.seed)
        width = 68.0 - 0.10 * y
        radius = length(x / width, y / 84.0, z / (66.0 - 0.04 * y))
        scalp = (radius - 1.0) * 72.0 + 1.5 * bend
        # Millimetres outside the brain; its underside rises to the front, so depth counts from a floor too.
        outside = np.maximum(scalp, -33.0 + np.maximum(0.0, 0.3 * (y - 15.0)) - z + 4.0 * bend)
        small_brain = ellipsoid(x, y, z, (0.0, -48.0, -42.0), (48.0, 32.0, 26.0)) * 28.0
        outside = np.minimum(outside, small_brain)

        tissue = np.full(outside.shape, AIR, dtype=np.uint8)
        cheek = 72.0 + np.minimum(0.0, 0.22 * (z + 25.0))
        neck = length(x / cheek, (y + 22.0) / 70.0)
        face = length(x / (cheek - 0.10 * y), (y - 14.0) / 82.0)
        below = z < -18.0
        tissue[(scalp < 15.0) & (z > -34.0)] = SKIN
        tissue[below & ((neck < 1.0) | (face < 1.0))] = SKIN
        tissue[(scalp < 13.0) & (z > -34.0)] = FAT
        tissue[below & ((neck < 0.97) | (face < 0.97))] = FAT
        strands = smooth_field((x, y, z * 0.5), 9.0, self.seed + 50)
        tissue[below & ((neck < 0.88) | (face < 0.86)) & (strands > -0.5)] = MUSCLE
        tissue[(z > -30.0) & (z < 20.0) & (scalp > 9.0) & (scalp < 13.0) & (side > 45.0)] = MUSCLE
        tissue[(outside < 9.5) & (scalp < 9.5)] = BONE
        tissue[(outside < 7.0) & (outside > 5.0) & (z > -10.0)] = MARROW
        nose = ellipsoid(x, y, z, (0.0, 62.0, -52.0), (13.0, 30.0, 24.0))
        sinus = ellipsoid(side, y, z, (28.0, 58.0, -62.0), (14.0, 17.0, 15.0))
        tissue[(nose < 0.0) & (strands > -0.2)] = AIR
        tissue[sinus < 0.0] = AIR
        tissue[(ellipsoid(side, y, z, (30.0, 58.0, -37.0), (19.0, 27.0, 17.0)) < 0.0) & (face < 0.97)] = FAT
        tissue[ellipsoid(side, y, z, (30.0, 68.0, -37.0), (13.5, 13.5, 13.5)) < 0.0] = MUSCLE
        tissue[ellipsoid(side, y, z, (30.0, 68.0, -37.0), (12.0, 12.0, 12.0)) < 0.0] = EYE
        tissue[outside < 3.0] = FLUID

        tissue = self.brain(tissue, (x, y, z), side, outside, small_brain)
        return self.with_tumour(tissue, (x, y, z))

    def brain(self, tissue, point, side, outside, small_brain):
        """Cortex folded by a random field, white and deep grey matter, ventricles, cerebellum, brain stem."""
        x, y, z = point
        fold = smooth_field(point, 15.0, self.seed + 10) + 0.35 * smooth_field(point, 7.0, self.seed + 20)
        # Millimetres to the nearest fluid: the surface, a furrow at most 17 mm deep, the cleft in the middle.
        furrow = np.maximum(np.abs(fold) * 12.0 - 0.9, -outside - 17.0)
        wave = np.abs(x + 3.0 * smooth_field(point, 25.0, self.seed + 25))
        cleft = np.where(length(y / 44.0, (z - 4.0) / 24.0) > 1.0, wave - 0.9, 99.0)
        depth = np.minimum(np.minimum(-outside, furrow), np.minimum(cleft, small_brain - 1.5))
        tissue[depth > 0.0] = GREY
        tissue[depth > 3.2] = WHITE
        # The cerebellum: thin leaves, one after the other.
        leaf = z * 0.30 + y * 0.12 + 0.8 * fold
        leaf = np.abs(leaf - np.floor(leaf) - 0.5)
        lower = -small_brain
        tissue[lower > 1.0] = GREY
        tissue[(lower > 4.0) & (leaf < 0.17)] = WHITE
        tissue[ellipsoid(side, y, z, (14.0, -42.0, -42.0), (15.0, 13.0, 9.0)) < 0.0] = WHITE

        for centre, half in (
            ((13.0, -14.0, 2.0), (9.0, 15.0, 9.0)), ((27.0, 4.0, 1.0), (6.0, 17.0, 11.0)),
            ((13.0, 20.0, 9.0), (6.0, 11.0, 10.0)),
        ):
            tissue[ellipsoid(side, y, z, centre, half) < 0.0] = GREY
        v = self.ventricles
        for centre, half in (
            ((8.0, 20.0, 13.0), (4.5, 15.0, 8.0)), ((10.0, -6.0, 18.0), (6.0, 28.0, 6.0)),
            ((21.0, -36.0, 8.0), (6.5, 13.0, 11.0)),
        ):
            tissue[ellipsoid(side, y, z, centre, (half[0] * v, half[1], half[2] * v)) < 0.0] = FLUID
        third = ellipsoid(x, y, z, (0.0, -8.0, -1.0), (2.2 * v, 15.0, 10.0))
        tissue[(side < 1.6) & (np.abs(y) < 34.0) & (z > 8.0) & (z < 24.0)] = WHITE
        tissue[third < 0.0] = FLUID
        stem = length(x / 14.0, (y + 20.0 - 0.22 * (z + 20.0)) / 13.0)
        reach = (z < -12.0) & (y > -60.0)
        tissue[reach & (z < -28.0) & (stem < 1.3)] = FLUID
        tissue[reach & (stem < np.where(z < -52.0, 0.62, 1.0))] = WHITE
        tissue[ellipsoid(x, y, z, (0.0, -37.0, -36.0), (6.0, 5.0, 10.0)) < 0.0] = FLUID
        return tissue

    def with_tumour(self, tissue, point):
        """A dead core, a bright rim and the swelling around them, inside grey and white matter."""
        if self.tumour is None:
            return tissue
        centre, size = self.tumour
        wobble = 5.0 * smooth_field(point, 13.0, self.seed + 30)
        distance = length(*(axis - middle for axis, middle in zip(point, centre))) + wobble
        inside = (tissue == GREY) | (tissue == WHITE)
        tissue[inside & (distance < size * 1.9) & ((tissue == WHITE) | (distance < size * 1.3))] = OEDEMA
        inside = inside | (tissue == FLUID)
        tissue[inside & (distance < size)] = RIM
        tissue[inside & (distance < size * 0.62)] = CORE
        return tissue

    def signal(self, grid, brightness, shading=0.0):
        """Brightness on a grid with soft edges, a little texture, and the shading of a receive coil."""
        table = np.array(brightness, dtype=np.float64)
        total = np.zeros(grid.extent, dtype=np.float64)
        for place in PLACES:
            total = total + table[self.tissues(grid.points(place))]
        point = grid.points()
        x, y, z = point
        texture = 1.0 + 0.03 * smooth_field(point, 11.0, self.seed + 40)
        coil = 1.0 + shading * (0.5 * smooth_field(point, 110.0, self.seed + 60) + y / 300.0 - z / 400.0)
        return total / len(PLACES) * texture * coil

    def labels(self, grid):
        """0 background, 1 core, 2 swelling, 4 rim: the numbers used for brain tumours."""
        tissue = self.tissues(grid.points())
        return np.where(tissue == CORE, 1, np.where(tissue == OEDEMA, 2, np.where(tissue == RIM, 4, 0)))

    def mask(self, grid):
        """1 in the brain and the fluid in and around it."""
        tissue = self.tissues(grid.points())
        return ((tissue == FLUID) | (tissue == GREY) | (tissue == WHITE) | (tissue >= CORE)).astype(np.int64)


def ellipsoid(x, y, z, centre, half):
    """Below 0 inside, 0 on the surface, above 0 outside."""
    return length((x - centre[0]) / half[0], (y - centre[1]) / half[1], (z - centre[2]) / half[2]) - 1.0
