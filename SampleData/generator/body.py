"""A small trunk on a couch: Hounsfield units as a function of a point in millimetres.

World axes: x to the right, y to the front, z up. Above are lungs and heart, below liver, spleen, stomach and
kidneys.
"""

import math

import numpy as np

from .head import PLACES, ellipsoid
from .noise import length, smooth_field

AIR, PADDING = -1000.0, -1024.0


class Body:
    """One patient: `size` scales the trunk, `contrast` is the brightness of the blood in Hounsfield units."""

    def __init__(self, size=1.0, seed=1, contrast=260.0, dome=0.0):
        self.size, self.seed, self.contrast, self.dome = size, seed, contrast, dome

    def hounsfield(self, point):
        """Drawn from the outside in: what comes later covers what came before."""
        world_x, world_y, _ = point
        x, y, z = (axis / self.size for axis in point)
        side = np.abs(x)
        bend = smooth_field((x, y, z), 45.0, self.seed)
        texture = smooth_field((x, y, z), 6.0, self.seed + 1)
        # A rounded box rather than an ellipse; 0 on the skin, negative inside, in millimetres.
        across, deep = x * x / (98.0 * 98.0), y * y / (68.0 * 68.0)
        rounded = length(across + deep, length(across, deep)) * math.sqrt(0.5)
        skin = (np.sqrt(rounded) - 1.0) * 80.0 + 2.5 * bend
        value = np.full(skin.shape, AIR)
        couch = 0.0022 * world_x * world_x - 73.0 * self.size - 3.0 - world_y
        wide = np.abs(world_x) < 96.0
        value[wide & (couch > 0.0) & (couch < 13.0)] = -880.0
        value[wide & (((couch > 0.0) & (couch < 2.0)) | ((couch > 11.0) & (couch < 13.0)))] = -60.0

        value[skin < 0.0] = 20.0
        value[skin < -1.5] = -105.0
        wall = skin < -8.0 + 2.0 * bend
        value = np.where(wall, np.where(texture > 0.55, -60.0, 52.0 + 8.0 * texture), value)
        cavity = skin < -21.0
        value = np.where(cavity, np.where(texture > 0.1, -95.0, 30.0), value)
        value = self.organs(value, (x, y, z), side, skin, bend, texture)
        return self.bones(value, (x, y, z), side, skin, texture)

    def organs(self, value, point, side, skin, bend, texture):
        """Lungs with vessels, heart, liver, spleen, kidneys, stomach with its bubble, aorta and vena cava."""
        x, y, z = point
        lung = ellipsoid(side, y, z - self.dome, (44.0, -2.0, 42.0), (34.0, 47.0, 52.0)) * 36.0 + 3.0 * bend
        in_lung = (lung < 0.0) & (skin < -20.0)
        first, second = (smooth_field(point, 13.0, self.seed + more) for more in (2, 3))
        branch = np.abs(first) + np.abs(second)
        value = np.where(in_lung, -830.0 + 35.0 * bend - 0.6 * y, value)
        value[in_lung & (branch < 0.13)] = 60.0
        low = z - self.dome
        heart = ellipsoid(x, y, low, (-14.0, 16.0, 34.0), (34.0, 29.0, 30.0))
        liver = ellipsoid(x, y, low, (40.0, 4.0, -30.0), (50.0, 47.0, 40.0)) * 45.0 + 3.0 * bend
        spleen = ellipsoid(x, y, low, (-62.0, -20.0, -24.0), (18.0, 27.0, 30.0))
        kidney = ellipsoid(side, y, low, (40.0, -34.0, -50.0), (15.0, 14.0, 32.0))
        pelvis = ellipsoid(side, y, low, (34.0, -32.0, -50.0), (8.0, 6.0, 14.0))
        stomach = ellipsoid(x, y, low, (-40.0, 22.0, -26.0), (27.0, 22.0, 26.0))
        mix = smooth_field(point, 4.0, self.seed + 5)
        inside = skin < -19.0
        for where, brightness in (
            ((lung < -2.0) & (heart < 0.1), -90.0), (heart < 0.0, 95.0), (heart < -0.3, 0.75 * self.contrast),
            ((liver < 0.0) & (lung > 0.0), 108.0), (spleen < 0.0, 118.0), (kidney < 0.0, 175.0),
            (pelvis < 0.0, 20.0), (stomach < 0.0, 45.0), (stomach < -0.14, 12.0),
        ):
            value[where & inside] = brightness
        value[inside & (stomach < -0.14) & (y > 31.0)] = -960.0
        vessel = (liver < -5.0) & (lung > 0.0) & inside & (branch < 0.16)
        value[vessel] = 165.0
        value = np.where(inside & (value > 0.0), value + 5.0 * mix, value)
        aorta = length(x + 9.0, y + 22.0)
        cava = length((x - 13.0) / 1.2, y + 18.0)
        value[aorta < 9.5] = 40.0
        value[aorta < 8.3] = self.contrast
        value[cava < 8.0] = 0.55 * self.contrast
        return value

    def bones(self, value, point, side, skin, texture):
        """Vertebrae and discs, ribs that run down to the front, breastbone: dense shells, spongy inside."""
        x, y, z = point
        level = z / 24.0
        level = np.abs(level - np.floor(level) - 0.5)
        trunk = length(x / 1.25, y + 41.0)
        spongy = 210.0 + 60.0 * texture
        vertebra = np.where(trunk > 11.5, 620.0, spongy)
        value = np.where(trunk < 13.5, np.where(level > 0.36, 75.0, vertebra), value)
        arch = length(x, y + 58.0)
        value = np.where((arch < 10.5) & (y < -51.0), np.where(arch > 8.5, 560.0, 30.0), value)
        wing = (np.abs(y + 56.0 + 0.15 * side) < 3.2) & (side > 8.0) & (side < 25.0) & (level < 0.3)
        spine = (side < 2.6) & (y < -66.0 + 4.0 * level) & (skin < -5.0) & (level < 0.34) & (y < -62.0)
        value[wing | spine] = 420.0
        turn = (z + 0.28 * y) / 19.0
        turn = np.abs(turn - np.floor(turn) - 0.5) * 19.0
        across = np.abs(skin + 16.5)
        rib = length(across / 3.3, turn / 5.2)
        ribbed = (side > 14.0) & (z + 0.5 * y > -42.0 + self.dome) & (skin < -9.0)
        value = np.where(ribbed & (rib < 1.0), np.where(rib > 0.62, 540.0, 190.0), value)
        breast = (side < 12.0) & (y > 0.0) & (np.abs(skin + 12.5) < 3.6) & (z > -6.0 + self.dome)
        return np.where(breast, np.where(np.abs(skin + 12.5) > 2.2, 430.0, 170.0), value)

    def scan(self, grid):
        """Hounsfield units on a grid with soft edges."""
        total = np.zeros(grid.extent, dtype=np.float64)
        for place in PLACES:
            total = total + self.hounsfield(grid.points(place))
        return total / len(PLACES)
