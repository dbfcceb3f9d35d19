"""What is measured: the jobs, their peers, and how close an output must come to a peer's."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Peer:
    """One peer of one job.

    `compat` is the preset of medprep's resample step that has the peer's grid; None: the job's own has it.
    `tolerance` is the largest difference allowed where both hold a value; None: outputs are not compared."""

    name: str
    tolerance: float | None = None
    compat: str | None = None
    wanted: float | None = None
    note: str = ""
    skip_last_plane: bool = False


@dataclass(frozen=True)
class Job:
    name: str
    title: str
    folder: str
    # Bytes the computation must move at the least, read and written.
    bytes: float
    # Times the floor that are allowed.
    allowed: float | None
    peers: list = field(default_factory=list)
    # Voxels that are 0 count as outside, and only what both have inside is compared.
    masked: bool = False
    cores: bool = False
    # GiB of memory that are warmed before each run.
    warm: int = 2


# A job's files without its computation, as a run is named.
BARE = "bare"
TORCHIO = "keeps integers through the resampling and normalizes the background too"
JOBS = [
    Job(
        "J1", "T1w .nii.gz, 1.5 mm linear, z-score, .nii.gz", "t1", 1.0e8, 1.5, masked=True, peers=[
            Peer("SimpleITK", 2e-3, wanted=7), Peer("scipy", 2e-3, "scipy"),
            Peer("MONAI", 5e-2, "monai", wanted=60, note="calls more voxels nonzero after the resampling"),
            Peer("TorchIO", 5e-2, "torchio", wanted=28, note=TORCHIO)]),
    Job(
        "J3raw", "T1w .nii, 1.5 mm linear, z-score, .nii", "t1-raw", 1.0e8, 2.5, masked=True, peers=[
            Peer("SimpleITK", 2e-3, wanted=12), Peer("scipy", 2e-3, "scipy", wanted=12)]),
    Job(
        "J2", "CT 512x512x160, 1 mm cubic B-spline, 0 ... 1, .nii.gz", "ct", 3.0e9, 1.6, warm=3, peers=[
            Peer("SimpleITK", 1e-4, wanted=14, skip_last_plane=True), Peer("scipy", 1e-4, "scipy", wanted=14),
            Peer("TorchIO", 1e-3, "torchio", note="keeps integers through the resampling"),
            Peer("niimath", wanted=3, note="its own cubic kernel, no B-spline")]),
    Job(
        "J4", "four contrasts, union crop, z-score, channels last, .nii.gz", "contrasts", 3.0e8, 1.6,
        masked=True, peers=[
            Peer("SimpleITK", 2e-5, wanted=4.5), Peer("scipy", 2e-5, wanted=4.5), Peer("MONAI", 2e-5),
            Peer("TorchIO", 2e-5, note="normalizes the background too")]),
    Job(
        "J5", "T1w .nii.gz, a folder of 16, all cores", "folder", 1.6e9, 1.5, masked=True, cores=True, peers=[
            Peer("SimpleITK", 5e-2, wanted=5, note="rounds other voxels to exactly 0, so its mask differs"),
            Peer("scipy", wanted=5, note="outputs compared in J1"),
            Peer("MONAI", note="outputs compared in J1"), Peer("TorchIO", note="outputs compared in J1")]),
    Job(
        "nnunet", "nnU-Net's resampling of the CT and its labels, .nii", "nnunet", 0, None, warm=3, peers=[
            Peer("nnU-Net", 5e-3, wanted=15)]),
]
SCRIPTS = {
    "SimpleITK": "with_simpleitk.py", "scipy": "with_scipy.py", "MONAI": "with_monai.py",
    "TorchIO": "with_torchio.py", "nnU-Net": "with_nnunet.py",
}
PACKAGES = {
    "SimpleITK": ["SimpleITK"], "scipy": ["scipy", "nibabel", "numpy"], "MONAI": ["monai", "torch"],
    "TorchIO": ["torchio"], "niimath": ["niimath"],
    "nnU-Net": ["nnunetv2", "scikit-image", "batchgenerators"],
}
