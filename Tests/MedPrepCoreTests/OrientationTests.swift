import MedPrepCore
import Testing

@Suite("Orientation") struct OrientationTests {
    /// The three letter pairs in every order with every sign.
    static let codes: [String] = {
        let pairs = [["L", "R"], ["P", "A"], ["I", "S"]]
        var codes = [String]()
        for a in 0..<3 {
            for b in 0..<3 where b != a {
                for signs in 0..<8 {
                    codes.append(
                        pairs[a][signs & 1] + pairs[b][signs >> 1 & 1] + pairs[3 - a - b][signs >> 2])
                }
            }
        }
        return codes
    }()

    /// An affine whose columns follow the code, with unequal spacing.
    private func affine(_ orientation: Orientation) -> Affine {
        var affine = Affine(x: .zero, y: .zero, z: .zero, origin: SIMD3(5, -6, 7))
        for axis in 0..<3 {
            var column = SIMD3<Double>.zero
            column[orientation.axes[axis]] = (orientation.positive[axis] ? 1 : -1) * (0.5 + Double(axis))
            affine[axis] = column
        }
        return affine
    }

    @Test("all 48 codes name themselves, and their affine names them")
    func all() throws {
        #expect(Set(Self.codes).count == 48)
        for code in Self.codes {
            let orientation = try #require(Orientation(code: code))
            #expect(orientation.code == code)
            #expect(Orientation(of: affine(orientation)) == orientation)
        }
    }

    @Test("no other letters are a code", arguments: ["", "RA", "RASS", "RAR", "RLS", "ras", "XAS", "R S"])
    func refused(code: String) {
        #expect(Orientation(code: code) == nil)
    }

    @Test("a tilted affine has the code of the axes it is nearest to")
    func oblique() throws {
        // Small turns about all axes: every column keeps its largest entry.
        let (s, c) = (0.25, (1 - 0.25 * 0.25).squareRoot())
        let turn =
            Affine(x: SIMD3(c, s, 0), y: SIMD3(-s, c, 0), z: SIMD3(0, 0, 1), origin: .zero)
            * Affine(x: SIMD3(1, 0, 0), y: SIMD3(0, c, s), z: SIMD3(0, -s, c), origin: .zero)
        for code in Self.codes {
            let orientation = try #require(Orientation(code: code))
            #expect(Orientation(of: turn * affine(orientation)) == orientation)
        }
    }

    @Test("for random rotations columns choose in order of their largest entry, each its largest free axis")
    func random() {
        var generator = SplitMix(state: 5)
        for _ in 0..<200 {
            let columns = generator.rotation()
            let affine = Affine(
                x: columns[0] * 0.7, y: columns[1] * 1.3, z: columns[2] * 3, origin: .zero)
            let found = Orientation(of: affine)
            // The greedy choice: the largest entry of all belongs to the code, then the largest of what is left.
            var (free, world) = (Set(0..<3), Set(0..<3))
            while let a = free.max(by: {
                best(columns[$0], [0, 1, 2]).size < best(columns[$1], [0, 1, 2]).size
            }) {
                let choice = best(columns[a], world.sorted())
                #expect(found.axes[a] == choice.axis)
                #expect(found.positive[a] == (columns[a][choice.axis] > 0))
                free.remove(a)
                world.remove(choice.axis)
            }
        }
    }

    private func best(_ column: SIMD3<Double>, _ axes: [Int]) -> (axis: Int, size: Double) {
        axes.map { ($0, abs(column[$0])) }.max { $0.1 < $1.1 } ?? (0, 0)
    }

    @Test("the nearest rotation of a rotation is itself, and of any affine is orthogonal")
    func rotation() {
        var generator = SplitMix(state: 9)
        for _ in 0..<50 {
            let columns = generator.rotation()
            let turned = Affine(x: columns[0] * 2, y: columns[1] * 0.5, z: columns[2] * 7, origin: .zero)
            let nearest = turned.nearestRotation
            for axis in 0..<3 { #expect((nearest[axis] - columns[axis]).length < 1e-12) }
            let sheared = Affine(
                x: columns[0], y: columns[1] + columns[0] * 0.6, z: columns[2], origin: .zero
            ).nearestRotation
            #expect(sheared.shear < 1e-12 && abs(abs(sheared.determinant) - 1) < 1e-12)
        }
    }
}

private struct SplitMix {
    var state: UInt64

    /// In −1 ..< 1.
    mutating func next() -> Double {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        bits ^= bits >> 31
        return Double(bits >> 11) / 4_503_599_627_370_496 - 1
    }

    /// Three perpendicular columns of length 1, of either hand.
    mutating func rotation() -> [SIMD3<Double>] {
        let a = SIMD3(next(), next(), next()) + SIMD3(1e-3, 0, 0)
        let x = a / a.length
        let b = SIMD3(next(), next(), next()) + SIMD3(0, 1e-3, 0)
        let across = b - x * b.dot(x)
        let y = across / across.length
        return [x, y, next() < 0 ? x.cross(y) : -x.cross(y)]
    }
}
