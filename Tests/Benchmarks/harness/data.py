"""The scans of the jobs, made once from a real head.

A head of the Debian package mricron-data (Colin27, T1w, 1 mm) is read on the grid of each job and given 12
bits and noise: as shipped it has 8 bits, which pack several times better than a scanner's and would flatter
every codec. Without the package a drawn head of SampleData/generator stands in. Seeds are fixed.
"""

import sys
from pathlib import Path

import nibabel
import numpy as np
from scipy import ndimage

TEMPLATES = Path("/usr/share/mricron/templates")
ORIENTATIONS = "RAS LAS LPS PSR ASR PIR RPI LPI SAR ARS RSA LAS PSR RAS LPS AIL".split()
CONTRASTS = ("t1", "t1ce", "t2", "flair")


def make(folder):
    """Writes the scans of all jobs under `folder`; says in source.txt what they were made of."""
    head, brain, source = heads()
    maker = Maker(Path(folder), np.random.default_rng(20261121))
    inside = ndimage.gaussian_filter(head, 1.5) > 18
    inside = ndimage.binary_fill_holes(ndimage.binary_opening(inside, iterations=2))
    maker.t1(head, inside)
    maker.ct(head, brain, inside)
    maker.contrasts(brain)
    maker.folder16(head, inside)
    (maker.folder / "source.txt").write_text(source + "\n")


def heads():
    """A head and its brain, brightness 0 ... 254 on 1 mm voxels, right-anterior-superior."""
    try:
        head, brain = (
            np.asarray(nibabel.load(TEMPLATES / name).dataobj).astype(np.float32)
            for name in ("ch2.nii.gz", "ch2bet.nii.gz")
        )
        return head, brain, "Colin27 head (Debian package mricron-data)"
    except FileNotFoundError:
        sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "SampleData"))
        from generator.head import T1W, Head
        from generator.nifti import Grid

        drawn, grid = Head(seed=100), Grid((181, 217, 181), (1.0, 1.0, 1.0), "RAS")
        head = (drawn.signal(grid, T1W) * 200).clip(0, 254).astype(np.float32)
        return head, head * drawn.mask(grid), "drawn head (SampleData/generator)"


class Maker:
    def __init__(self, folder, random):
        self.folder, self.random = folder, random

    def save(self, voxels, affine, *names):
        image = nibabel.Nifti1Image(voxels, affine)
        image.header.set_xyzt_units("mm", "sec")
        image.set_qform(affine, 1)
        image.set_sform(affine, 1)
        nibabel.openers.Opener.default_compresslevel = 6
        for name in names:
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            nibabel.save(image, path)
            print(f"{name}: {voxels.shape}, {voxels.nbytes / path.stat().st_size:.2f} : 1", file=sys.stderr)

    def magnitude(self, signal, inside, gain, deviation):
        """Rician noise inside, exact 0 outside, as in scans whose background was removed."""
        real = signal * gain + self.random.normal(0, deviation, signal.shape)
        imaginary = self.random.normal(0, deviation, signal.shape)
        voxels = np.rint(np.hypot(real, imaginary)).astype(np.int16)
        voxels[voxels == 0] = 1
        voxels[~inside] = 0
        return voxels

    def t1(self, head, inside):
        """233x189x197 int16, 1 mm, stored sagittal as a 3-D MPRAGE is."""
        voxels = np.pad(self.magnitude(head, inside, 8.0, 14.0), ((8, 8), (8, 8), (4, 4)))
        voxels, affine = oriented(voxels, affine_of((1, 1, 1), (-98, -134, -76)), "PSR")
        # Apart: asked for x.nii.gz, several readers take the voxels of an x.nii beside it.
        self.save(voxels, affine, "t1/t1.nii.gz", "t1-raw/t1.nii")

    def ct(self, head, brain, inside):
        """512x512x160 int16, 0.75x0.75x2 mm: the head as Hounsfield units, with a reconstruction's noise."""
        shape = (512, 512, 160)
        zoom = (512 / head.shape[0] * 0.92, 512 / head.shape[1] * 0.92, 160 / head.shape[2])
        grey = ndimage.zoom(head, zoom, order=1)
        mask = ndimage.zoom(inside.astype(np.uint8), zoom, order=0).astype(bool)
        tissue = np.interp(grey, [0, 25, 45, 60, 90, 140, 180, 254], [900, 700, 120, 30, 35, 45, 20, -90])
        tissue = tissue.astype(np.float32)
        tissue[~mask] = -1000
        start = [(512 - grey.shape[axis]) // 2 for axis in (0, 1)]
        place = tuple(slice(s, s + n) for s, n in zip(start, grey.shape)) + (slice(grey.shape[2]),)
        field = np.full(shape, -1000, np.float32)
        field[place] = tissue[:, :, :160]
        field = ndimage.gaussian_filter(field, (0.7, 0.7, 0))
        noise = self.random.normal(0, 1, shape).astype(np.float32)
        noise = ndimage.gaussian_filter(noise, (0.6, 0.6, 0))
        noise /= noise.std()
        field += noise * np.where(field < -700, 11, 22)
        voxels = np.clip(np.rint(field), -1024, 3071).astype(np.int16)
        row, column = np.mgrid[:512, :512]
        voxels[np.hypot(row - 255.5, column - 255.5) > 256] = -1024
        affine = affine_of((-0.75, -0.75, 2), (191.6, 191.6, -160))
        self.save(voxels, affine, "ct/ct.nii.gz", "nnunet/case_ct.nii.gz")

        labels, inner = np.zeros(shape, np.uint8), np.zeros(shape, bool)
        inner[place] = ndimage.zoom((brain > 0).astype(np.uint8), zoom, order=0)[:, :, :160] > 0
        labels[ndimage.gaussian_filter(voxels.astype(np.float32), 1) > 250] = 1
        labels[inner] = 2
        self.save(labels, affine, "nnunet/case_seg.nii.gz")

    def contrasts(self, brain):
        """Four contrasts of one brain with a tumour: 240x240x155 int16, 1 mm, 0 outside."""
        grey = np.zeros((240, 240, 155), np.float32)
        grey[29:210, 11:228] = brain[:, :, 13:168]
        mask = grey > 0
        wobble = self.random.normal(0, 1, grey.shape).astype(np.float32)
        wobble = ndimage.gaussian_filter(wobble, 8)
        points = np.meshgrid(*[np.arange(n) for n in grey.shape], indexing="ij")
        parts = zip(points, (150, 140, 90), (24, 30, 22))
        distance = np.sqrt(sum(((x - middle) / half) ** 2 for x, middle, half in parts)) + wobble * 6
        tumour, core = (distance < 1) & mask, (distance < 0.65) & mask
        rim = core & (distance > 0.45)
        soft = ndimage.gaussian_filter(grey, 0.5)
        signals = {
            "t1": np.where(tumour, soft * 0.7, soft) * 5,
            "t1ce": np.where(rim, 180, soft) * 5,
            "t2": (150 - soft).clip(5) * 6 + tumour * 200,
            "flair": (170 - np.abs(soft - 80)) * 4 + tumour * 250,
        }
        affine = affine_of((-1, -1, 1), (120, 120, -77))
        for name in CONTRASTS:
            voxels = self.magnitude(signals[name].astype(np.float32), mask, 1.0, 12.0)
            self.save(voxels, affine, f"contrasts/sub_{name}.nii.gz")

    def folder16(self, head, inside):
        """16 heads of different size, spacing and orientation; every second one oblique."""
        mask, size = inside.astype(np.float32), np.array(head.shape)
        for number, letters in enumerate(ORIENTATIONS):
            spacing = np.round(self.random.uniform([0.85, 0.85, 0.8], [1.1, 1.1, 1.3]), 3)
            if number % 5 == 4:
                spacing = np.array([0.94, 0.94, 3.0])
            angles = self.random.uniform(-0.12, 0.12, 3) if number % 2 else np.zeros(3)
            shape = np.ceil((size + self.random.integers(6, 26, 3)) / spacing).astype(int)
            matrix = rotation(angles) @ np.diag(spacing)
            offset = size / 2 - 0.5 - matrix @ (shape / 2 - 0.5)
            where = {"offset": offset, "output_shape": tuple(shape), "order": 1}
            signal = ndimage.affine_transform(head, matrix, **where)
            inner = ndimage.affine_transform(mask, matrix, **where) > 0.5
            affine = np.eye(4)
            affine[:3, :3], affine[:3, 3] = matrix, offset - np.array([90, 126, 72])
            voxels = self.magnitude(signal, inner, 7 + number % 3, 12.0)
            self.save(*oriented(voxels, affine, letters), f"folder/scan{number:02d}.nii.gz")


def affine_of(diagonal, origin):
    affine = np.diag([*map(float, diagonal), 1.0])
    affine[:3, 3] = origin
    return affine


def oriented(voxels, affine, letters):
    wanted = nibabel.orientations.axcodes2ornt(letters)
    turn = nibabel.orientations.ornt_transform(nibabel.io_orientation(affine), wanted)
    image = nibabel.Nifti1Image(voxels, affine).as_reoriented(turn)
    return np.ascontiguousarray(image.dataobj), image.affine


def rotation(angles):
    (cx, cy, cz), (sx, sy, sz) = np.cos(angles), np.sin(angles)
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return about_x @ about_y @ about_z
