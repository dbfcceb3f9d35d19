"""resample_data_or_seg_to_shape of nnU-Net, as its preprocessor calls it for a scan and its labels."""

import os

import job

for key in ("nnUNet_raw", "nnUNet_preprocessed", "nnUNet_results"):
    os.environ.setdefault(key, "/nonexistent")

import numpy as np
import SimpleITK as sitk
import torch
from nnunetv2.preprocessing.resampling import default_resampling as resampling

torch.set_num_threads(1)
sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(1)
job.begin()


def case(source, target):
    for name, output, is_labels in (("ct", "case", False), ("seg", "case_seg", True)):
        image = sitk.ReadImage(f"{source}/case_{name}.nii.gz")
        spacing = image.GetSpacing()[::-1]
        voxels = sitk.GetArrayFromImage(image)[None].astype(np.float32)
        shape = resampling.compute_new_shape(voxels.shape[1:], spacing, (1.0, 1.0, 1.0))
        result = resampling.resample_data_or_seg_to_shape(
            voxels, shape, spacing, (1.0, 1.0, 1.0), is_seg=is_labels, order=1 if is_labels else 3,
            order_z=0, force_separate_z=None)
        # nnU-Net keeps no grid: that of its zoom, whose outer faces stay where they are, in the types medprep writes.
        ratio = [a / b for a, b in zip(voxels.shape[:0:-1], result.shape[:0:-1])]
        origin = image.TransformContinuousIndexToPhysicalPoint([(r - 1) / 2 for r in ratio])
        result = sitk.GetImageFromArray(np.asarray(result[0]).astype(np.uint8 if is_labels else np.float32))
        result.SetOrigin(origin)
        result.SetSpacing([r * s for r, s in zip(ratio, image.GetSpacing())])
        result.SetDirection(image.GetDirection())
        sitk.WriteImage(result, f"{target}/{output}.nii")


if __name__ == "__main__":
    job.main({"nnunet": case})
