#!/usr/bin/env python3
"""Makes the scans of this folder: phantoms out of formulas, nothing measured on a person.

    python3 make_sample_data.py             writes them here
    python3 make_sample_data.py --to DIR    writes them there
    python3 make_sample_data.py --check     makes them anew elsewhere and compares, voxel bytes and headers

Needs Python 3.9 and numpy. Every run, machine and numpy gives the same content (see generator/noise.py).
"""

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

from generator.body import PADDING, Body
from generator.head import EPI, FLAIR, T1W, Head
from generator.nifti import Grid, content, write
from generator.noise import gaussian, quantised, rician, smooth_field

BRAINS = {
    # size of the head, size of the ventricles; extent, spacing, orientation, tilt
    "sub-01": ((1.00, 1.00, 1.00), 1.0, (84, 102, 38), (2.0, 2.0, 4.2), "LPS", (0.070, 0.010, 0.000)),
    "sub-02": ((0.95, 0.97, 0.96), 0.9, (84, 102, 36), (1.95, 1.95, 4.3), "RAS", (-0.060, 0.000, 0.015)),
    "sub-03": ((1.05, 1.02, 1.03), 1.2, (80, 98, 38), (2.2, 2.2, 4.4), "LAS", (0.050, 0.030, 0.000)),
    "sub-04": ((0.92, 0.95, 0.98), 0.8, (84, 102, 34), (1.9, 1.9, 4.7), "LPS", (0.080, -0.015, 0.010)),
    "sub-05": ((1.02, 1.04, 0.97), 1.4, (82, 100, 38), (2.1, 2.1, 4.2), "RAS", (-0.045, 0.020, -0.020)),
    "sub-06": ((0.98, 0.93, 1.00), 1.0, (84, 96, 38), (2.0, 2.0, 4.1), "LAS", (0.065, 0.000, 0.025)),
    "sub-07": ((1.04, 1.00, 1.05), 1.1, (80, 96, 36), (2.2, 2.2, 4.8), "LPS", (-0.055, 0.035, 0.000)),
    "sub-08": ((0.97, 1.01, 0.94), 1.3, (84, 102, 38), (2.0, 2.05, 4.0), "RAS", (0.075, 0.000, -0.030)),
}
RECEIVERS = {
    # gain, noise as a share of the gain, shading, step of the stored numbers
    "sub-01": (640, 0.022, 0.20, 23), "sub-02": (410, 0.030, 0.30, 17), "sub-03": (980, 0.018, 0.15, 27),
    "sub-04": (530, 0.036, 0.35, 27), "sub-05": (760, 0.025, 0.10, 28), "sub-06": (350, 0.028, 0.25, 14),
    "sub-07": (870, 0.040, 0.40, 48), "sub-08": (590, 0.020, 0.30, 20),
}


def magnitude(signal, gain, noise, step, seed):
    """An MR image: full noise where there is signal, less than half in the air, as in filtered scans."""
    deviation = gain * noise * np.where(signal > 0.04, 1.0, 0.4)
    return quantised(rician(signal * gain, deviation, seed), step)


def make_brains(folder):
    for number, (name, row) in enumerate(BRAINS.items(), start=1):
        size, ventricles, extent, spacing, orientation, tilt = row
        gain, noise, shading, step = RECEIVERS[name]
        head = Head(size, seed=100 * number, ventricles=ventricles)
        middle = (1.5 * (number % 3 - 1), 2.0, -2.0 + number % 2)
        grid = Grid(extent, spacing, orientation, tilt, middle)
        voxels = magnitude(head.signal(grid, T1W, shading), gain, noise, step, seed=number)
        write(folder / "brain" / f"{name}_T1w.nii.gz", voxels, grid, note="phantom head, T1w")


def make_bodies(folder):
    for name, body, extent, spacing, orientation, intercept, noise, step, seed in (
        ("body-01", Body(1.0, 7, 270.0), (248, 200, 20), (0.9, 0.9, 5.0), "LAS", -1024, 9.0, 10, 31),
        ("body-02", Body(0.94, 11, 320.0, dome=8.0), (240, 192, 18), (0.9, 0.9, 6.0), "LPS", 0, 12.0, 14, 32),
    ):
        grid = Grid(extent, spacing, orientation, middle=(0.0, -8.0, 5.0))
        value = body.scan(grid)
        value = value + noise * gaussian(grid.extent, seed) * np.where(value > -700.0, 1.0, 0.5)
        value = np.maximum(quantised(value, step), int(PADDING))
        x, y, _ = grid.points()
        reach = extent[0] * spacing[0] / 2 + 2.0
        value = np.where(x * x + (y + 8.0) * (y + 8.0) > reach * reach, int(PADDING), value)
        path = folder / "ct" / f"{name}_CT.nii.gz"
        write(path, value - intercept, grid, intercept=float(intercept), note="phantom trunk, CT, HU")


def make_cases(folder):
    """T1w, FLAIR, labels and mask of one head each; in case-02 the FLAIR lies on a grid of its own."""
    t1_1 = Grid((80, 96, 32), (2.1, 2.1, 4.6), "LPS", (0.05, 0.01, 0.0))
    t1_2 = Grid((80, 96, 34), (2.1, 2.1, 4.5), "RAS", (-0.04, 0.0, 0.01), middle=(1.0, 1.0, 0.0))
    flair_2 = Grid((76, 90, 26), (2.2, 2.2, 6.0), "LAS", (0.02, 0.03, -0.02), middle=(-1.0, 2.0, 1.0))
    head_1 = Head((1.0, 1.0, 1.0), 1100, 1.0, tumour=((30.0, 22.0, 30.0), 15.0))
    head_2 = Head((0.96, 0.98, 1.0), 1200, 1.2, tumour=((-34.0, -30.0, 24.0), 13.0))
    for name, head, t1, flair, gains, seed in (
        ("case-01", head_1, t1_1, t1_1, (620, 480), 41), ("case-02", head_2, t1_2, flair_2, (850, 390), 43),
    ):
        place = folder / "multi-modal" / name
        voxels = magnitude(head.signal(t1, T1W, 0.2), gains[0], 0.024, 18, seed)
        write(place / f"{name}_T1w.nii.gz", voxels, t1, note="phantom head, T1w after contrast")
        voxels = magnitude(head.signal(flair, FLAIR, 0.25), gains[1], 0.03, 16, seed + 1)
        write(place / f"{name}_FLAIR.nii.gz", voxels, flair, note="phantom head, FLAIR")
        write(place / f"{name}_seg.nii.gz", head.labels(t1), t1, "uint8", note="1 core, 2 oedema, 4 rim")
        write(place / f"{name}_mask.nii.gz", head.mask(t1), t1, "uint8", note="brain mask")


def make_series(folder):
    """Six volumes with a region that lights up in the second half; a big-endian pair; a NIfTI-2 file."""
    head = Head((1.0, 1.0, 1.0), 1300)
    grid = Grid((32, 32, 18), (6.5, 6.5, 8.0), "LAS", (0.05, 0.0, 0.0))
    signal = head.signal(grid, EPI, 0.1)
    x, y, z = grid.points()
    active = np.maximum(0.0, 1.0 - (x * x + (y + 60.0) * (y + 60.0) + (z - 5.0) * (z - 5.0)) / 900.0)
    volumes = []
    for time in range(6):
        lit = signal * (1.0 + 0.01 * time + (0.08 * active if time >= 3 else 0.0))
        volumes.append(magnitude(lit, 800, 0.015, 4, seed=60 + time))
    # Stored: (value - 20) / 0.25
    series = np.stack(volumes, axis=3) * 4 - 80
    path = folder / "series" / "bold.nii.gz"
    write(path, series, grid, slope=0.25, intercept=20.0, seconds=2.0, note="phantom series")

    grid = Grid((24, 24, 12), (8.0, 8.0, 12.0), "RAS", (0.06, 0.0, 0.0))
    voxels = magnitude(head.signal(grid, T1W, 0.1), 500, 0.02, 4, seed=70)
    write(folder / "series" / "pair.hdr", voxels, grid, note="big-endian pair", order=">")

    grid = Grid((20, 24, 16), (9.0, 8.0, 9.0), "LPS", (0.0, 0.05, 0.02))
    field = head.signal(grid, T1W) * (1.0 + 0.1 * smooth_field(grid.points(), 40.0, 80))
    voxels = np.floor(field * 1024.0 + 0.5) / 1024.0
    write(folder / "series" / "nifti2.nii.gz", voxels, grid, "float32", note="NIfTI-2, float32", version=2)


def make(folder):
    for part in (make_brains, make_bodies, make_cases, make_series):
        part(folder)


def scans(folder):
    return sorted(p for p in folder.rglob("*") if p.name.endswith((".nii.gz", ".hdr", ".img")))


def check(folder):
    """The names of the files that differ, in content, from what this script makes now."""
    with tempfile.TemporaryDirectory() as fresh:
        make(Path(fresh))
        made = {p.relative_to(fresh): content(p) for p in scans(Path(fresh))}
    kept = {p.relative_to(folder): content(p) for p in scans(folder)}
    return sorted(str(name) for name in made.keys() | kept.keys() if made.get(name) != kept.get(name))


def main():
    here = Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description="Makes the sample scans.")
    parser.add_argument("--to", type=Path, default=here, help="folder to write to or to check")
    parser.add_argument("--check", action="store_true", help="compare with what is there, write nothing")
    options = parser.parse_args()
    if options.check:
        different = check(options.to)
        for name in different:
            print(f"differs: {name}")
        return 1 if different else 0
    make(options.to)
    total = 0
    for path in scans(options.to):
        total += path.stat().st_size
        print(f"{path.stat().st_size:8d}  {path.relative_to(options.to)}")
    print(f"{total:8d}  in all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
