import MedPrepCore
import Testing

@Suite("Affine") struct AffineTests {
    static let oblique = Affine(
        x: SIMD3(0.9, 0.2, -0.1), y: SIMD3(-0.3, 1.2, 0.15), z: SIMD3(0.2, -0.1, 1.6),
        origin: SIMD3(-20, 14, 3))
    static let permuted = Affine(
        x: SIMD3(0, 0, -2), y: SIMD3(3, 0, 0), z: SIMD3(0, 0.5, 0), origin: SIMD3(1, 2, 3))

    private func distance(_ a: Affine, _ b: Affine) -> Double {
        zip(a.rows.joined(), b.rows.joined()).map { abs($0 - $1) }.max() ?? 0
    }

    /// Rows times columns.
    private func product(_ a: Affine, _ b: Affine) -> [[Double]] {
        (0..<4).map { row in
            (0..<4).map { column in (0..<4).reduce(0) { $0 + a.rows[row][$1] * b.rows[$1][column] } }
        }
    }

    @Test("maps an index to columns times index plus origin")
    func points() {
        let point = Self.permuted(SIMD3(1, 10, 100))
        #expect(point == SIMD3(31, 52, 1))
        #expect(Affine.identity(SIMD3(1, 2, 3)) == SIMD3(1, 2, 3))
        #expect(Affine(scale: SIMD3(2, 3, 4), origin: SIMD3(1, 1, 1))(SIMD3(1, 1, 1)) == SIMD3(3, 4, 5))
    }

    @Test(
        "the inverse undoes it on both sides",
        arguments: [oblique, permuted, Affine(scale: SIMD3(1e-3, 1, 1e3))])
    func inverse(affine: Affine) {
        #expect(distance(affine.inverse * affine, .identity) < 1e-12)
        #expect(distance(affine * affine.inverse, .identity) < 1e-12)
    }

    @Test("composition is the matrix product: first the right, then the left")
    func composition() {
        let both = Self.oblique * Self.permuted
        let expected = product(Self.oblique, Self.permuted)
        let worst = zip(both.rows.joined(), expected.joined()).map { abs($0 - $1) }.max() ?? 1
        #expect(worst < 1e-12)
        let index = SIMD3(3.0, -1, 2)
        let steps = Self.oblique(Self.permuted(index)) - both(index)
        #expect(max(abs(steps.x), abs(steps.y), abs(steps.z)) < 1e-12)
    }

    @Test("is singular where columns lie in a plane, are 0 or are no numbers")
    func singular() {
        #expect(!Self.oblique.isSingular && !Self.permuted.isSingular)
        #expect(!Affine(scale: SIMD3(repeating: 1e-5)).isSingular)
        let (a, b) = (SIMD3(1.0, 2, 3), SIMD3(-1.0, 0, 1))
        #expect(Affine(x: a, y: b, z: a + b, origin: .zero).isSingular)
        #expect(Affine(x: a, y: b, z: .zero, origin: .zero).isSingular)
        #expect(Affine(x: a, y: b, z: SIMD3(.nan, 0, 1), origin: .zero).isSingular)
        #expect(Affine(scale: SIMD3(1, 1, 1), origin: SIMD3(0, .infinity, 0)).isSingular)
    }

    @Test("knows determinant, spacing and shear")
    func measures() {
        #expect(Self.permuted.determinant == -3)
        #expect(Self.permuted.spacing == SIMD3(2, 3, 0.5))
        #expect(Self.permuted.shear == 0)
        let sheared = Affine(x: SIMD3(1, 0, 0), y: SIMD3(1, 1, 0), z: SIMD3(0, 0, 2), origin: .zero)
        #expect(abs(sheared.shear - 0.5.squareRoot()) < 1e-15)
    }

    @Test("rows there and back, columns by number")
    func rows() {
        #expect(Affine(rows: Self.oblique.rows) == Self.oblique)
        #expect(Affine(rows: Array(Self.oblique.rows.dropLast())) == Self.oblique)
        #expect(Self.oblique.rows[3] == [0, 0, 0, 1])
        var changed = Self.oblique
        for axis in 0..<3 { changed[axis] = Self.oblique[axis] * 2 }
        #expect(changed.spacing == Self.oblique.spacing * 2)
    }

    @Test("shifted starts later in the same world")
    func shifted() {
        let shifted = Self.permuted.shifted(by: SIMD3(2, -1, 4))
        #expect(shifted(.zero) == Self.permuted(SIMD3(2, -1, 4)))
        #expect(shifted.x == Self.permuted.x)
    }
}
