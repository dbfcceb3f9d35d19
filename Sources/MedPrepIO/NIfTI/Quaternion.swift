import MedPrepCore

/// A rotation as NIfTI stores it: b, c, d of a unit quaternion with a ≥ 0 (nifti1.h, QUATERNION REPRESENTATION).
struct Quaternion {
    let vector: SIMD3<Double>

    /// Precondition: a length of at most 1, but for rounding.
    init(vector: SIMD3<Double>) { self.vector = vector }

    /// Columns of the rotation matrix.
    var rotation: Affine {
        let (b, c, d) = (vector.x, vector.y, vector.z)
        let a = max(0, 1 - vector.dot(vector)).squareRoot()
        return Affine(
            x: SIMD3(a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c)),
            y: SIMD3(2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b)),
            z: SIMD3(2 * (b * d + a * c), 2 * (c * d - a * b), a * a + d * d - c * c - b * b), origin: .zero)
    }

    /// The quaternion of a proper rotation; the largest of a, b, c, d is taken from the diagonal, so that no
    /// root of a small difference is divided by.
    init(rotation r: Affine) {
        let (r11, r22, r33) = (r.x.x, r.y.y, r.z.z)
        let squares = [1 + r11 + r22 + r33, 1 + r11 - r22 - r33, 1 - r11 + r22 - r33, 1 - r11 - r22 + r33]
        // Differences and sums of r_ij: (r32 − r23, r13 − r31, r21 − r12) and (r21 + r12, r13 + r31, r32 + r23).
        let turn = SIMD3(r.y.z - r.z.y, r.z.x - r.x.z, r.x.y - r.y.x)
        let mixed = SIMD3(r.x.y + r.y.x, r.z.x + r.x.z, r.y.z + r.z.y)
        var largest = 0
        for i in 1..<4 where squares[i] > squares[largest] { largest = i }
        let root = max(0, squares[largest]).squareRoot()
        let (half, scale) = (root / 2, 0.5 / root)
        var (a, bcd): (Double, SIMD3<Double>)
        switch largest {
        case 0: (a, bcd) = (half, turn * scale)
        case 1: (a, bcd) = (turn.x * scale, SIMD3(half, mixed.x * scale, mixed.y * scale))
        case 2: (a, bcd) = (turn.y * scale, SIMD3(mixed.x * scale, half, mixed.z * scale))
        default: (a, bcd) = (turn.z * scale, SIMD3(mixed.y * scale, mixed.z * scale, half))
        }
        vector = a < 0 ? -bcd : bcd
    }
}
