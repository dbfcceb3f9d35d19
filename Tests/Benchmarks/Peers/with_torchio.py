"""The jobs by TorchIO's transforms."""

import job
import SimpleITK as sitk
import torch
import torchio

torch.set_num_threads(1)
sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
job.begin()
CONTRASTS = ("t1", "t1ce", "t2", "flair")


def foreground(voxels):
    return voxels > 0


def crop(mask):
    """Voxels to take off at both ends of each axis."""
    sides = []
    for axis in range(3):
        first, second = sorted((other for other in range(3) if other != axis), reverse=True)
        filled = torch.nonzero(mask.any(dim=first).any(dim=second)).flatten()
        sides += [int(filled[0]), int(mask.shape[axis] - 1 - filled[-1])]
    return torchio.Crop(tuple(sides))


def head(source, target):
    image = torchio.ToCanonical()(torchio.ScalarImage(source))
    image = torchio.Resample(1.5)(crop(image.data[0] != 0)(image))
    torchio.ZNormalization(masking_method=foreground)(image).save(target)


def body(source, target):
    image = torchio.Clamp(-1000, 1000)(torchio.ScalarImage(source))
    image = torchio.Resample(1.0, image_interpolation="bspline")(image)
    torchio.RescaleIntensity((0, 1), in_min_max=(-1000, 1000))(image).save(target)


def contrasts(source, target):
    subject = torchio.Subject(
        {name: torchio.ScalarImage(f"{source}/sub_{name}.nii.gz") for name in CONTRASTS})
    subject.load()
    mask = torch.stack([subject[name].data[0] != 0 for name in CONTRASTS]).any(0)
    subject = torchio.ZNormalization(masking_method=foreground)(crop(mask)(subject))
    stack = torch.cat([subject[name].data for name in CONTRASTS])
    torchio.ScalarImage(tensor=stack, affine=subject["t1"].affine).save(target)


def heads(source, target):
    job.folder(head, source, target)


if __name__ == "__main__":
    job.main({"J1": head, "J3raw": head, "J2": body, "J4": contrasts, "J5": heads})
