/// A 4x4 matrix with last row (0, 0, 0, 1), in Double: voxel index (i, j, k) to RAS+ millimetres, or one index
/// space to another. Index 0 is the *centre* of the first voxel.
public struct Affine: Hashable, Sendable {
    /// Columns of the upper 3x3 part: the step of one voxel along i, j and k.
    public var x: SIMD3<Double>
    public var y: SIMD3<Double>
    public var z: SIMD3<Double>
    /// Where index (0, 0, 0) lies.
    public var origin: SIMD3<Double>

    public init(x: SIMD3<Double>, y: SIMD3<Double>, z: SIMD3<Double>, origin: SIMD3<Double>) {
        (self.x, self.y, self.z, self.origin) = (x, y, z, origin)
    }

    public static let identity = Affine(scale: SIMD3(1, 1, 1))

    /// A diagonal matrix.
    public init(scale: SIMD3<Double>, origin: SIMD3<Double> = .zero) {
        self.init(x: SIMD3(scale.x, 0, 0), y: SIMD3(0, scale.y, 0), z: SIMD3(0, 0, scale.z), origin: origin)
    }

    /// The first three (or all four) rows of the matrix.
    public init(rows: [[Double]]) {
        func column(_ c: Int) -> SIMD3<Double> { SIMD3(rows[0][c], rows[1][c], rows[2][c]) }
        self.init(x: column(0), y: column(1), z: column(2), origin: column(3))
    }

    /// Four rows, as files and reports write them.
    public var rows: [[Double]] {
        (0..<3).map { [x[$0], y[$0], z[$0], origin[$0]] } + [[0, 0, 0, 1]]
    }

    /// Column 0, 1 or 2.
    public subscript(axis: Int) -> SIMD3<Double> {
        get { axis == 0 ? x : axis == 1 ? y : z }
        set { if axis == 0 { x = newValue } else if axis == 1 { y = newValue } else { z = newValue } }
    }

    /// Length of each column: millimetres from one voxel centre to the next.
    public var spacing: SIMD3<Double> { SIMD3(x.length, y.length, z.length) }

    public var determinant: Double { x.dot(y.cross(z)) }

    public var isFinite: Bool {
        [x, y, z, origin].allSatisfy { $0.x.isFinite && $0.y.isFinite && $0.z.isFinite }
    }

    /// True where no inverse can be trusted: the columns are (nearly) in one plane.
    public var isSingular: Bool {
        let volume = spacing.x * spacing.y * spacing.z
        return !isFinite || !(volume > 0) || abs(determinant) < 1e-9 * volume
    }

    public func callAsFunction(_ index: SIMD3<Double>) -> SIMD3<Double> {
        x * index.x + y * index.y + z * index.z + origin
    }

    /// Precondition: not singular.
    public var inverse: Affine {
        let scale = 1 / determinant
        let (r0, r1, r2) = (y.cross(z) * scale, z.cross(x) * scale, x.cross(y) * scale)
        var result = Affine(
            x: SIMD3(r0.x, r1.x, r2.x), y: SIMD3(r0.y, r1.y, r2.y), z: SIMD3(r0.z, r1.z, r2.z), origin: .zero)
        result.origin = -result(origin)
        return result
    }

    /// First `right`, then `left`.
    public static func * (left: Affine, right: Affine) -> Affine {
        Affine(
            x: left(right.x) - left.origin, y: left(right.y) - left.origin, z: left(right.z) - left.origin,
            origin: left(right.origin))
    }

    /// The same world for indices that start `lower` voxels later.
    public func shifted(by lower: SIMD3<Int>) -> Affine {
        var result = self
        result.origin = self(SIMD3<Double>(lower))
        return result
    }

    /// 0 for perpendicular columns; the largest |cosine| between two of them.
    public var shear: Double {
        let s = spacing
        return max(
            abs(x.dot(y)) / (s.x * s.y), abs(x.dot(z)) / (s.x * s.z), abs(y.dot(z)) / (s.y * s.z))
    }
}

extension SIMD3<Double> {
    package func dot(_ other: Self) -> Double { x * other.x + y * other.y + z * other.z }
    package func cross(_ other: Self) -> Self {
        Self(y * other.z - z * other.y, z * other.x - x * other.z, x * other.y - y * other.x)
    }
    package var length: Double { dot(self).squareRoot() }
}
