"""The jobs by SimpleITK, as its users write them."""

import job
import numpy as np
import SimpleITK as sitk

sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
job.begin()
CONTRASTS = ("t1", "t1ce", "t2", "flair")


def box(mask):
    shapes = sitk.LabelShapeStatisticsImageFilter()
    shapes.ComputeOrientedBoundingBoxOff()
    shapes.ComputePerimeterOff()
    shapes.ComputeFeretDiameterOff()
    shapes.Execute(mask)
    found = shapes.GetBoundingBox(1)
    return found[3:], found[:3]


def resampled(image, spacing, kernel, outside):
    """The first voxel's centre stays: the usual recipe."""
    size = [int(round(n * s / spacing)) for n, s in zip(image.GetSize(), image.GetSpacing())]
    place = image.GetOrigin(), [spacing] * 3, image.GetDirection()
    return sitk.Resample(image, size, sitk.Transform(), kernel, *place, outside, sitk.sitkFloat32)


def standardized(voxels):
    mask = voxels != 0
    inside = voxels[mask]
    voxels[mask] = (inside - inside.mean()) / inside.std()
    return voxels


def head(source, target):
    image = sitk.DICOMOrient(sitk.ReadImage(source, sitk.sitkFloat32), "RAS")
    image = resampled(sitk.RegionOfInterest(image, *box(image != 0)), 1.5, sitk.sitkLinear, 0.0)
    result = sitk.GetImageFromArray(standardized(sitk.GetArrayFromImage(image)))
    result.CopyInformation(image)
    sitk.WriteImage(result, target)


def body(source, target):
    image = sitk.Clamp(sitk.ReadImage(source, sitk.sitkFloat32), sitk.sitkFloat32, -1000, 1000)
    image = resampled(image, 1.0, sitk.sitkBSpline, -1000.0)
    sitk.WriteImage(sitk.ShiftScale(image, 1000.0, 1 / 2000.0, sitk.sitkFloat32), target)


def contrasts(source, target):
    images = [sitk.ReadImage(f"{source}/sub_{name}.nii.gz", sitk.sitkFloat32) for name in CONTRASTS]
    mask = images[0] != 0
    for image in images[1:]:
        mask = mask | (image != 0)
    place = box(mask)
    images = [sitk.RegionOfInterest(image, *place) for image in images]
    stack = np.stack([standardized(sitk.GetArrayFromImage(image)) for image in images], -1)
    result = sitk.GetImageFromArray(stack, isVector=True)
    result.CopyInformation(images[0])
    sitk.WriteImage(result, target)


def heads(source, target):
    job.folder(head, source, target)


if __name__ == "__main__":
    job.main({"J1": head, "J3raw": head, "J2": body, "J4": contrasts, "J5": heads})
