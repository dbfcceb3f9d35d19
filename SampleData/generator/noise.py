"""Noise that is the same on every machine and with every numpy.

Integers are hashed, then only + - * / and sqrt follow, whose rounding IEEE 754 fixes: no exp, sin or matmul.
"""

import math

import numpy as np

LATTICE = 32


def hashed(index, seed):
    """32 well-mixed bits for every integer in `index`: the finalizer of MurmurHash3, applied twice."""
    x = index.astype(np.uint32) + np.uint32((seed * 2654435761) & 0xFFFFFFFF)
    for _ in range(2):
        x = x ^ (x >> np.uint32(16))
        x = x * np.uint32(0x85EBCA6B)
        x = x ^ (x >> np.uint32(13))
        x = x * np.uint32(0xC2B2AE35)
        x = x ^ (x >> np.uint32(16))
    return x


def gaussian(shape, seed):
    """Nearly normal values, mean 0 and variance 1: the sum of eight 16-bit uniforms, added as integers."""
    index = np.arange(int(shape[0]) * int(shape[1]) * int(shape[2]), dtype=np.uint32)
    total = np.zeros(index.shape, dtype=np.int64)
    for part in range(4):
        bits = hashed(index, seed * 8 + part)
        total += (bits & np.uint32(0xFFFF)).astype(np.int64) + (bits >> np.uint32(16)).astype(np.int64)
    centred = (total - 4 * 65535).astype(np.float64) / 65536.0
    return (centred * math.sqrt(1.5)).reshape(shape, order="F")


def smooth_field(point, scale, seed):
    """A smooth random field in -1 ... 1, features `scale` millimetres wide: a lattice read between nodes."""
    nodes = hashed(np.arange(LATTICE ** 3, dtype=np.uint32), seed)
    lattice = nodes.astype(np.float64) / 2147483648.0 - 1.0
    cells, weights = [], []
    for axis in point:
        position = axis / scale + 1000.0
        cell = np.floor(position)
        t = position - cell
        cells.append(cell.astype(np.int64))
        weights.append(t * t * (3.0 - 2.0 * t))
    low = [cell % LATTICE for cell in cells]
    high = [(cell + 1) % LATTICE for cell in cells]
    (x0, y0, z0), (x1, y1, z1), (wx, wy, wz) = low, high, weights

    def along_x(y, z):
        row = (z * LATTICE + y) * LATTICE
        first = lattice[row + x0]
        return first + (lattice[row + x1] - first) * wx

    def along_y(z):
        first = along_x(y0, z)
        return first + (along_x(y1, z) - first) * wy

    first = along_y(z0)
    return first + (along_y(z1) - first) * wz


def length(*parts):
    """The length of a vector; squares are products, for a power may be rounded otherwise elsewhere."""
    return np.sqrt(sum(part * part for part in parts))


def rician(signal, deviation, seed):
    """The magnitude of a complex signal with noise in both parts, as an MR scanner stores it."""
    real = signal + deviation * gaussian(signal.shape, 2 * seed)
    imaginary = deviation * gaussian(signal.shape, 2 * seed + 1)
    return length(real, imaginary)


def quantised(value, step):
    """Whole multiples of `step`, so that the noise packs well."""
    return (np.floor(value / step + 0.5) * step).astype(np.int64)
