/// Which way each voxel index grows, like "RAS" or "PIR": a letter names the *positive* direction (nibabel's
/// convention; ITK's letters name the other end and are not accepted).
public struct Orientation: Hashable, Sendable {
    /// World axis (0 = left-right, 1 = posterior-anterior, 2 = inferior-superior) of i, j and k.
    public let axes: [Int]
    /// True where the index grows towards right, anterior or superior.
    public let positive: [Bool]

    private static let letters: [(negative: Character, positive: Character)] = [
        ("L", "R"), ("P", "A"), ("I", "S"),
    ]

    /// nil unless the three letters name each of left-right, front-back and up-down once.
    public init?(code: String) {
        var (axes, positive) = ([Int](), [Bool]())
        for letter in code {
            guard
                let axis = Self.letters.firstIndex(where: { $0.negative == letter || $0.positive == letter })
            else { return nil }
            axes.append(axis)
            positive.append(Self.letters[axis].positive == letter)
        }
        guard axes.count == 3, Set(axes).count == 3 else { return nil }
        (self.axes, self.positive) = (axes, positive)
    }

    /// The axes nearest to those of `affine`: its nearest rotation R; index axes in order of decreasing
    /// max|R[:,a]| each take the free world axis of largest |R|, with that entry's sign.
    ///
    /// - Precondition: not singular. Source: nibabel `orientations.io_orientation`.
    public init(of affine: Affine) {
        let rotation = affine.nearestRotation
        func largest(_ column: SIMD3<Double>) -> Double { max(abs(column.x), abs(column.y), abs(column.z)) }
        let order = [0, 1, 2].sorted { (a, b) in
            let (la, lb) = (largest(rotation[a]), largest(rotation[b]))
            return la != lb ? la > lb : a < b
        }
        var (axes, positive) = ([0, 0, 0], [true, true, true])
        var free = [0, 1, 2]
        for a in order {
            let column = rotation[a]
            let world = free.max { (abs(column[$0]), $1) < (abs(column[$1]), $0) } ?? 0
            axes[a] = world
            positive[a] = column[world] >= 0
            free.removeAll { $0 == world }
        }
        (self.axes, self.positive) = (axes, positive)
    }

    /// Three letters.
    public var code: String {
        String(zip(axes, positive).map { $1 ? Self.letters[$0].positive : Self.letters[$0].negative })
    }
}

extension Affine {
    /// U·Vᵀ of the singular value decomposition of the columns scaled to length 1: the orthogonal matrix nearest
    /// to them, by Higham's scaled Newton iteration R ← (γR + (γR)⁻ᵀ)/2.
    ///
    /// - Precondition: not singular.
    package var nearestRotation: Affine {
        let s = spacing
        var r = Affine(x: x / s.x, y: y / s.y, z: z / s.z, origin: .zero)
        for _ in 0..<64 {
            let scale = 1 / r.determinant
            // Columns of the inverse transpose are the scaled cross products.
            let (ix, iy, iz) = (r.y.cross(r.z) * scale, r.z.cross(r.x) * scale, r.x.cross(r.y) * scale)
            let norm = r.x.dot(r.x) + r.y.dot(r.y) + r.z.dot(r.z)
            let inverseNorm = ix.dot(ix) + iy.dot(iy) + iz.dot(iz)
            let gamma = (inverseNorm / norm).squareRoot().squareRoot()
            let next = Affine(
                x: (r.x * gamma + ix / gamma) / 2, y: (r.y * gamma + iy / gamma) / 2,
                z: (r.z * gamma + iz / gamma) / 2, origin: .zero)
            let change = max((next.x - r.x).length, (next.y - r.y).length, (next.z - r.z).length)
            r = next
            if change < 1e-15 { break }
        }
        return r
    }
}
