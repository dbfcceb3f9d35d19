"""The jobs by MONAI's transforms."""

import job
import torch
from monai.transforms import (
    ConcatItemsd, CropForeground, CropForegroundd, EnsureChannelFirstd, LoadImage, LoadImaged,
    NormalizeIntensity, NormalizeIntensityd, Orientation, SaveImage, Spacing)

torch.set_num_threads(1)
job.begin()
CONTRASTS = ("t1", "t1ce", "t2", "flair")


def foreground(voxels):
    return voxels > 0


def save(image, target):
    extension = ".nii.gz" if target.endswith(".gz") else ".nii"
    writer = SaveImage(
        output_ext=extension, resample=False, separate_folder=False, print_log=False, output_postfix="")
    writer(image, filename=target[: -len(extension)])


def head(source, target):
    image = LoadImage(image_only=True, ensure_channel_first=True)(source)
    for step in (
        Orientation("RAS"), CropForeground(select_fn=foreground, allow_smaller=True),
        Spacing((1.5, 1.5, 1.5), mode="bilinear"), NormalizeIntensity(nonzero=True),
    ):
        image = step(image)
    save(image, target)


def contrasts(source, target):
    case = {name: f"{source}/sub_{name}.nii.gz" for name in CONTRASTS}
    for step in (
        LoadImaged(CONTRASTS), EnsureChannelFirstd(CONTRASTS), ConcatItemsd(CONTRASTS, "image"),
        CropForegroundd("image", source_key="image", select_fn=foreground, allow_smaller=True),
        NormalizeIntensityd("image", nonzero=True, channel_wise=True),
    ):
        case = step(case)
    save(case["image"], target)


def heads(source, target):
    job.folder(head, source, target)


if __name__ == "__main__":
    job.main({"J1": head, "J3raw": head, "J4": contrasts, "J5": heads})
