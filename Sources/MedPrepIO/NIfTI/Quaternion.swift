import MedPrepCore

/// A rotation as NIfTI stores it: b, c, d of a unit quaternion with a ≥ 0 (nifti1.h, QUATERNION REPRESENTATION).
struct Quaternion {
    /// a.
    let scalar: Double
    /// b, c, d.
    let vector: SIMD3<Double>

    /// a = √(1 − b² − c² − d²), 0 where rounding makes that negative.
    init(vector: SIMD3<Double>) {
        self.vector = vector
        scalar = max(0, 1 - vector.dot(vector)).squareRoot()
    }

    /// The quaternion of a proper rotation; the largest of a, b, c, d is taken from the diagonal, so that no
    /// root of a small difference is divided by.
    init(rotation r: Affine) {
        let (r11, r22, r33) = (r.x.x, r.y.y, r.z.z)
        let squares = [1 + r11 + r22 + r33, 1 + r11 - r22 - r33, 1 - r11 + r22 - r33, 1 - r11 - r22 + r33]
        // (r32 − r23, r13 − r31, r21 − r12) and (r21 + r12, r13 + r31, r32 + r23).
        let turn = SIMD3(r.y.z - r.z.y, r.z.x - r.x.z, r.x.y - r.y.x)
        let mixed = SIMD3(r.x.y + r.y.x, r.z.x + r.x.z, r.y.z + r.z.y)
        var largest = 0
        for i in 1..<4 where squares[i] > squares[largest] { largest = i }
        let root = max(0, squares[largest]).squareRoot()
        let (half, scale) = (root / 2, 0.5 / root)
        let (a, bcd): (Double, SIMD3<Double>) =
            switch largest {
            case 0: (half, turn * scale)
            case 1: (turn.x * scale, SIMD3(half, mixed.x * scale, mixed.y * scale))
            case 2: (turn.y * scale, SIMD3(mixed.x * scale, half, mixed.z * scale))
            default: (turn.z * scale, SIMD3(mixed.y * scale, mixed.z * scale, half))
            }
        (scalar, vector) = a < 0 ? (-a, -bcd) : (a, bcd)
    }

    /// Columns of the rotation matrix.
    var rotation: Affine {
        let (a, b, c, d) = (scalar, vector.x, vector.y, vector.z)
        return Affine(
            x: SIMD3(a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c)),
            y: SIMD3(2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b)),
            z: SIMD3(2 * (b * d + a * c), 2 * (c * d - a * b), a * a + d * d - c * c - b * b), origin: .zero)
    }

    /// b, c, d in Float32, as NIfTI-1 stores them: of the 27 roundings the one from which readers get a back best.
    /// Near half turns (a tilted LPS scan is one) the nearest rounding alone would turn a scan by up to 5e-4.
    var rounded: SIMD3<Float> {
        let nearest = SIMD3<Float>(vector)
        func choices(_ value: Float) -> [Float] { [value, value.nextDown, value.nextUp] }
        var (best, smallest) = (nearest, Double.infinity)
        for b in choices(nearest.x) {
            for c in choices(nearest.y) {
                for d in choices(nearest.z) {
                    let candidate = SIMD3(b, c, d)
                    let error = abs(Quaternion(vector: SIMD3<Double>(candidate)).scalar - scalar)
                    if error < smallest { (best, smallest) = (candidate, error) }
                }
            }
        }
        return best
    }
}
