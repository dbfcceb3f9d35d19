import MedPrepCore
import MedPrepKernels
import Testing

@Suite("Motion") struct MotionTests {
    private let size = SIMD3(5, 6, 7)

    @Test("calls a map that is the identity but for rounding noise the identity")
    func identity() {
        let map = Affine(
            x: SIMD3(1 + 1e-13, 1e-12, 0), y: SIMD3(0, 1, -1e-12), z: SIMD3(0, 0, 1),
            origin: SIMD3(1e-11, 0, 0))
        #expect(Motion(map, from: size, to: size) == .identity)
        #expect(Motion(map, from: size, to: SIMD3(5, 6, 6)) != .identity)
    }

    @Test("finds permuted and flipped axes")
    func permuted() throws {
        let map = Affine(x: SIMD3(0, 0, -1), y: SIMD3(2, 0, 0), z: SIMD3(0, 1, 0), origin: SIMD3(0, 3, 6))
        guard case .axes(let axes) = Motion(map, from: size, to: SIMD3(7, 2, 3)) else {
            Issue.record("not axes")
            return
        }
        let (inputs, whole) = (axes.map(\.axis), axes.map(\.isWhole))
        #expect(inputs == [2, 0, 1])
        #expect(whole == [true, false, true])
        #expect(axes[0].coordinate(6) == 0)
    }

    @Test("needs no direction for an axis of one voxel")
    func oneVoxel() {
        let map = Affine(
            x: SIMD3(0.3, 0.9, 0.1), y: SIMD3(0, 1, 0), z: SIMD3(0, 0, 1), origin: SIMD3(2, 0, 0))
        guard case .axes(let axes) = Motion(map, from: size, to: SIMD3(1, 6, 7)) else {
            Issue.record("not axes")
            return
        }
        let (inputs, whole) = (axes.map(\.axis), axes.map(\.isWhole))
        #expect(inputs == [0, 1, 2])
        #expect(whole == [true, true, true])
    }

    @Test("calls mixed axes oblique")
    func oblique() {
        let mixed = Affine(x: SIMD3(1, 0.1, 0), y: SIMD3(-0.1, 1, 0), z: SIMD3(0, 0, 1), origin: .zero)
        #expect(Motion(mixed, from: size, to: size) == .oblique)
    }
}
