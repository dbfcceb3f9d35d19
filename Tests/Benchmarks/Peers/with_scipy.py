"""The jobs by nibabel, numpy and scipy, as their users write them."""

import job
import nibabel
import numpy as np
from scipy import ndimage

job.begin()
CONTRASTS = ("t1", "t1ce", "t2", "flair")


def box(mask):
    place = []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        filled = np.flatnonzero(mask.any(axis=others))
        place.append(slice(filled[0], filled[-1] + 1))
    return tuple(place)


def zoomed(voxels, affine, spacing, wanted, **options):
    """scipy.ndimage.zoom puts the centres of the outermost voxels onto each other."""
    result = ndimage.zoom(voxels, spacing / wanted, **options)
    steps = (np.array(voxels.shape) - 1) / (np.array(result.shape) - 1)
    return result, affine @ np.diag([*steps, 1])


def standardized(voxels):
    mask = voxels != 0
    inside = voxels[mask]
    voxels[mask] = (inside - inside.mean()) / inside.std()
    return voxels


def head(source, target):
    image = nibabel.load(source)
    voxels = image.get_fdata(dtype=np.float32)
    image = nibabel.as_closest_canonical(nibabel.Nifti1Image(voxels, image.affine))
    image = image.slicer[box(image.get_fdata(dtype=np.float32) != 0)]
    spacing = np.array(image.header.get_zooms()[:3])
    voxels, affine = zoomed(np.asarray(image.dataobj), image.affine, spacing, 1.5, order=1)
    nibabel.save(nibabel.Nifti1Image(standardized(voxels), affine), target)


def body(source, target):
    image = nibabel.load(source)
    voxels = image.get_fdata(dtype=np.float32)
    np.clip(voxels, -1000, 1000, out=voxels)
    spacing = np.array(image.header.get_zooms()[:3])
    voxels, affine = zoomed(voxels, image.affine, spacing, 1.0, order=3, mode="mirror")
    voxels += 1000
    voxels /= 2000
    nibabel.save(nibabel.Nifti1Image(voxels, affine), target)


def contrasts(source, target):
    images = [nibabel.load(f"{source}/sub_{name}.nii.gz") for name in CONTRASTS]
    channels = [image.get_fdata(dtype=np.float32) for image in images]
    mask = channels[0] != 0
    for channel in channels[1:]:
        mask |= channel != 0
    place = box(mask)
    stack = np.stack([standardized(channel[place].copy()) for channel in channels], -1)
    nibabel.save(nibabel.Nifti1Image(stack, images[0].slicer[place].affine), target)


def heads(source, target):
    job.folder(head, source, target)


if __name__ == "__main__":
    job.main({"J1": head, "J3raw": head, "J2": body, "J4": contrasts, "J5": heads})
