"""Where the voxels are, and the files that say so: NIfTI-1 and NIfTI-2, file or pair, any byte order."""

import gzip
import io
import math
import struct
from pathlib import Path

import numpy as np

CODES = {"uint8": (2, 8), "int16": (4, 16), "float32": (16, 32)}
LETTERS = {"R": (0, 1), "L": (0, -1), "A": (1, 1), "P": (1, -1), "S": (2, 1), "I": (2, -1)}


class Grid:
    """Extent, spacing and placement: orientation letters, then the rotation `tilt` about the point `middle`.

    `tilt` holds tan(angle / 2) times the axis, so that rotations need no sine: 0.07 is 8 degrees.
    """

    def __init__(self, extent, spacing, orientation, tilt=(0.0, 0.0, 0.0), middle=(0.0, 0.0, 0.0)):
        self.extent, self.spacing = extent, spacing
        rotation = rotation_of(tilt)
        self.direction = [[0.0] * 3 for _ in range(3)]
        for column, letter in enumerate(orientation):
            axis, sign = LETTERS[letter]
            for row in range(3):
                self.direction[row][column] = rotation[row][axis] * sign
        half = [(n - 1) / 2 * size for n, size in zip(extent, spacing)]
        self.origin = [middle[r] - sum(self.direction[r][c] * half[c] for c in range(3)) for r in range(3)]

    def rows(self):
        """The three rows of the affine from voxel index to world millimetres (RAS+)."""
        return [
            [self.direction[r][c] * self.spacing[c] for c in range(3)] + [self.origin[r]] for r in range(3)
        ]

    def points(self, offset=(0.0, 0.0, 0.0)):
        """World x, y, z of every voxel, moved by a part of a voxel."""
        i, j, k = (
            np.arange(n, dtype=np.float64).reshape([-1 if a == c else 1 for a in range(3)]) + offset[c]
            for c, n in enumerate(self.extent)
        )
        return [i * row[0] + j * row[1] + k * row[2] + row[3] for row in self.rows()]


def rotation_of(tilt):
    """The rotation matrix of a quaternion (1, tilt) made of length one."""
    length = math.sqrt(1.0 + sum(t * t for t in tilt))
    a, b, c, d = 1.0 / length, tilt[0] / length, tilt[1] / length, tilt[2] / length
    return [
        [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
        [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
        [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
    ]


def quaternion_of(direction):
    """qfac and the quaternion (b, c, d) of a matrix; the largest part comes first: no division by 0."""
    m = [row[:] for row in direction]
    determinant = (
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
        - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
        + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    )
    qfac = 1.0 if determinant > 0 else -1.0
    for row in m:
        row[2] *= qfac
    squares = [
        1 + m[0][0] + m[1][1] + m[2][2], 1 + m[0][0] - m[1][1] - m[2][2],
        1 - m[0][0] + m[1][1] - m[2][2], 1 - m[0][0] - m[1][1] + m[2][2],
    ]
    largest = max(range(4), key=lambda part: squares[part])
    size = math.sqrt(squares[largest]) * 2
    zy, xz, yx = m[2][1] - m[1][2], m[0][2] - m[2][0], m[1][0] - m[0][1]
    xy, xz_sum, yz = m[0][1] + m[1][0], m[0][2] + m[2][0], m[1][2] + m[2][1]
    parts = [
        [size / 4, zy / size, xz / size, yx / size], [zy / size, size / 4, xy / size, xz_sum / size],
        [xz / size, xy / size, size / 4, yz / size], [yx / size, xz_sum / size, yz / size, size / 4],
    ][largest]
    sign = -1.0 if parts[0] < 0 else 1.0
    return qfac, [sign * part for part in parts[1:]]


def write(
    path, voxels, grid, kind="int16", slope=1.0, intercept=0.0, seconds=0.0, note="", version=1, order="<"
):
    """Writes .nii.gz, .nii, or the pair .hdr + .img (name the .hdr)."""
    pair = path.suffix == ".hdr"
    limits = np.iinfo(kind) if kind != "float32" else np.finfo(kind)
    if voxels.min() < limits.min or voxels.max() > limits.max:
        raise ValueError(f"{path.name}: voxels {voxels.min()} ... {voxels.max()} do not fit {kind}")
    data = voxels.astype(np.dtype(kind).newbyteorder(order)).tobytes(order="F")
    make = header_1 if version == 1 else header_2
    header = make(voxels.shape, grid, kind, slope, intercept, seconds, note.encode("ascii"), order, pair)
    path.parent.mkdir(parents=True, exist_ok=True)
    if pair:
        path.write_bytes(header)
        path.with_suffix(".img").write_bytes(data)
    elif path.suffix == ".gz":
        path.write_bytes(packed(header + data))
    else:
        path.write_bytes(header + data)


def packed(content):
    """gzip without name or time. Another zlib may pack the same content into other bytes."""
    box = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=box, mtime=0) as file:
        file.write(content)
    return box.getvalue()


def content(path):
    """The bytes of a file, unpacked where it is packed."""
    return gzip.decompress(path.read_bytes()) if Path(path).suffix == ".gz" else path.read_bytes()


def fields(shape, grid, seconds):
    """What both versions say: dim, pixdim, the quaternion with its offset, and the rows of the sform."""
    dim = [len(shape), *shape] + [1] * (7 - len(shape))
    qfac, quaternion = quaternion_of(grid.direction)
    pixdim = [qfac, *grid.spacing, seconds, 0.0, 0.0, 0.0]
    rows = [number for row in grid.rows() for number in row]
    return dim, pixdim, [*quaternion, *grid.origin], rows, 10 if len(shape) == 4 else 2


def header_1(shape, grid, kind, slope, intercept, seconds, note, order, pair):
    dim, pixdim, placement, rows, units = fields(shape, grid, seconds)
    code, bits = CODES[kind]
    start, magic = (0.0, b"ni1\0") if pair else (352.0, b"n+1\0")
    header = struct.pack(
        order + "i10s18sihcB8h3f4h8f3fhBB4f2i80s24s2h6f12f16s4s",
        348, b"", b"", 0, 0, b"r", 0, *dim, 0.0, 0.0, 0.0, 0, code, bits, 0, *pixdim, start, slope, intercept,
        0, 0, units, 0.0, 0.0, 0.0, 0.0, 0, 0, note, b"", 1, 1, *placement, *rows, b"", magic,
    )
    return header if pair else header + bytes(4)


def header_2(shape, grid, kind, slope, intercept, seconds, note, order, pair):
    dim, pixdim, placement, rows, units = fields(shape, grid, seconds)
    code, bits = CODES[kind]
    start, magic = (0, b"ni2\0\r\n\x1a\n") if pair else (544, b"n+2\0\r\n\x1a\n")
    header = struct.pack(
        order + "i8s2h8q3d8dq6d2q80s24s2i6d12d3i16sB15s",
        540, magic, code, bits, *dim, 0.0, 0.0, 0.0, *pixdim, start, slope, intercept, 0.0, 0.0, 0.0, 0.0,
        0, 0, note, b"", 1, 1, *placement, *rows, 0, units, 0, b"", 0, b"",
    )
    return header if pair else header + bytes(4)
