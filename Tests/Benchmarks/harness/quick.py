"""The jobs on small drawn scans, checked by formulas in numpy: proof that they run, not how fast they are.

Needs numpy alone. Linear interpolation and the z-score are worked out again, whole volumes at a time.
"""

import gzip
import struct
import sys
from pathlib import Path

import numpy as np

from .running import Runner, compiled, floor, fresh, say
from .work import JOBS

BENCHMARKS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(BENCHMARKS.parents[1] / "SampleData"))


class Quick:
    def __init__(self, options):
        self.options, self.folder = options, options.work / "quick"
        self.data = fresh(self.folder / "data")
        self.runner = Runner(self.folder, 1, options.limit)
        self.floor = compiled("floor", self.folder, ["isal"])
        self.voxels = {}

    def start(self):
        self.draw()
        for job in JOBS:
            source, target = self.data / job.folder, fresh(self.folder / "out" / job.name)
            pipeline = BENCHMARKS / "Jobs" / f"{job.name}.json"
            taken = self.runner.run([
                self.options.medprep, "run", pipeline, source, "--out", target, "--jobs", "1", "--quiet",
                "--overwrite"], warm=0)
            files = {path.name: path for path in target.iterdir() if ".nii" in path.suffixes}
            self.check(job.name, files)
            if job.allowed is not None:
                floor(self.floor, 1, 1e6, sorted(source.iterdir()), sorted(files.values()))
            say(f"{job.name}: {taken.cpu:.3f} s CPU, {taken.memory:.0f} MiB, output as expected")

    def draw(self):
        """Heads and a body on grids whose axes point right, front and up, so that formulas stay short."""
        from generator.head import FLAIR, T1W, Head
        from generator.nifti import Grid, write

        def head(seed, extent, spacing):
            drawn, grid = Head(seed=seed), Grid(extent, (spacing,) * 3, "RAS")
            mask = drawn.mask(grid)
            looks = [(drawn.signal(grid, look) * 900 * mask).astype(np.int16) for look in (T1W, FLAIR)]
            return looks, mask, grid

        (first, second), mask, grid = head(1, (56, 64, 52), 3.5)
        write(self.data / "t1" / "t1.nii.gz", first, grid)
        write(self.data / "t1-raw" / "t1.nii", first, grid)
        for name, voxels in zip(("t1", "t1ce", "t2", "flair"), (first, second, first * 2, second * 3)):
            write(self.data / "contrasts" / f"sub_{name}.nii.gz", voxels, grid)
        for number in range(3):
            (voxels, _), _, small = head(number + 2, (44, 50 + number, 40), 4.5)
            write(self.data / "folder" / f"scan{number:02d}.nii.gz", voxels, small)
            self.voxels[f"scan{number:02d}"] = voxels, 4.5
        body, thick = first - 1000, Grid((56, 64, 52), (0.8, 0.8, 2.0), "LPS")
        for name in ("ct/ct.nii.gz", "nnunet/case_ct.nii.gz"):
            write(self.data / name, body, thick)
        write(self.data / "nnunet" / "case_seg.nii.gz", mask, thick, kind="uint8")
        self.voxels["t1"], self.voxels["contrasts"] = (first, 3.5), (first, second)

    def check(self, job, files):
        if job in ("J1", "J3raw", "J5"):
            for name, path in files.items():
                expected = standardized(resampled(cropped(*self.voxels[name.split(".")[0]])))
                close(job, read(path), expected, 2e-4)
        elif job == "J4":
            union = self.voxels["contrasts"][0] | self.voxels["contrasts"][1]
            first, second = (standardized(box(voxels, union)) for voxels in self.voxels["contrasts"])
            found = read(files["sub.nii.gz"])
            close(job, found, np.stack([first, second, first, second], -1), 2e-5)
        elif job == "J2":
            found = read(files["ct.nii.gz"])
            if found.shape != (45, 51, 104) or not -0.3 < found.min() < found.max() < 1.3:
                raise SystemExit(f"J2: {found.shape}, {found.min()} to {found.max()}")
        else:
            found, labels = read(files["case.nii"]), read(files["case_seg.nii"])
            whole = set(np.unique(labels)) <= {0, 1}
            if not found.shape == labels.shape == (45, 51, 104) or not whole or found.min() < -1000:
                raise SystemExit(f"{job}: {found.shape}, {labels.shape}, {found.min()}")


def box(voxels, mask):
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        filled = np.flatnonzero((mask != 0).any(axis=others))
        keep = np.arange(filled[0], filled[-1] + 1)
        voxels, mask = voxels.take(keep, axis), mask.take(keep, axis)
    return voxels


def cropped(voxels, spacing):
    return box(voxels, voxels), spacing


def resampled(pair, wanted=1.5):
    """Linear, axis by axis; the first voxel's centre stays, the last value holds half a voxel on, then 0."""
    voxels, spacing = pair
    voxels = voxels.astype(np.float64)
    for axis in range(3):
        count = voxels.shape[axis]
        place = np.arange(int(np.floor(count * spacing / wanted + 0.5))) * wanted / spacing
        along = [-1 if other == axis else 1 for other in range(3)]
        inside = (place < count - 0.5 + 1e-6).reshape(along)
        place = np.minimum(place, count - 1)
        low = np.minimum(place.astype(int), count - 2)
        weight = (place - low).reshape(along)
        voxels = (voxels.take(low, axis) * (1 - weight) + voxels.take(low + 1, axis) * weight) * inside
    return voxels


def standardized(voxels):
    voxels, mask = voxels.astype(np.float64), voxels != 0
    voxels[mask] = (voxels[mask] - voxels[mask].mean()) / voxels[mask].std()
    return voxels


def read(path):
    """The voxels of a file that medprep wrote: little-endian NIfTI-1."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    rank, *extent = struct.unpack_from("<8h", content, 40)
    kind = {2: np.uint8, 4: np.int16, 16: np.float32}[struct.unpack_from("<h", content, 70)[0]]
    start = int(struct.unpack_from("<f", content, 108)[0])
    return np.frombuffer(content, kind, offset=start).reshape(extent[:rank], order="F")


def close(job, found, expected, tolerance):
    if found.shape != expected.shape:
        raise SystemExit(f"{job}: shape {found.shape}, expected {expected.shape}")
    gap = float(np.abs(found - expected).max())
    if gap > tolerance:
        raise SystemExit(f"{job}: {gap} from the formula, allowed {tolerance}")
