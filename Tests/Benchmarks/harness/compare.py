"""How far medprep's output is from a peer's on the same grid."""

import nibabel
import numpy as np


def scans(folder):
    return sorted(path for path in folder.iterdir() if path.name.endswith((".nii", ".nii.gz")))


def difference(ours, theirs, masked, skip_last_plane):
    """The largest difference where both hold a value, and the share of voxels that only `ours` holds.

    Raises ValueError where files, shapes or affines differ."""
    pairs = list(zip(scans(ours), scans(theirs), strict=True))
    largest, alone, count = 0.0, 0, 0
    for our_path, their_path in pairs:
        our_image, their_image = nibabel.load(our_path), nibabel.load(their_path)
        if not np.allclose(our_image.affine, their_image.affine, atol=2e-3):
            raise ValueError(f"{our_path.name}: affines differ\n{our_image.affine}\n{their_image.affine}")
        a, b = np.squeeze(np.asarray(our_image.dataobj)), np.squeeze(np.asarray(their_image.dataobj))
        if a.shape != b.shape:
            raise ValueError(f"{our_path.name}: shapes differ, {a.shape} and {b.shape}")
        if skip_last_plane:
            a, b = a[..., :-1], b[..., :-1]
        gap = np.abs(a.astype(np.float32) - b.astype(np.float32))
        if masked:
            alone += int(np.count_nonzero((a != 0) & (b == 0)))
            count += int(np.count_nonzero(a != 0))
            gap = gap[(a != 0) & (b != 0)]
        largest = max(largest, float(gap.max()))
    return largest, alone / count if masked else 0.0


def same_bytes(first, second):
    """True where two runs wrote the same files: workers, CPU level and repetition change no bit."""
    pairs = zip(scans(first), scans(second), strict=True)
    return all(a.name == b.name and a.read_bytes() == b.read_bytes() for a, b in pairs)
