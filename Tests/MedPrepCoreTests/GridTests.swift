import MedPrepCore
import Testing

@Suite("Grid") struct GridTests {
    private let grid = Grid(w: 4, h: 5, d: 6, step: SIMD3(1, 2, 3), origin: SIMD3(-10, 0, 7))

    @Test("knows its voxels, spacing, field of view and orientation")
    func facts() {
        #expect(grid.voxelCount == 120)
        #expect(grid.spacing == SIMD3(1, 2, 3))
        #expect(grid.fieldOfView == SIMD3(4, 10, 18))
        #expect(grid.orientation?.code == "RAS")
        #expect(!grid.isEmpty)
        let unknown = Grid(extent: grid.extent, affine: grid.affine, isOriented: false)
        #expect(unknown.orientation == nil)
    }

    @Test("a cropped grid keeps every voxel's place in the world, beyond its border too")
    func cropped() {
        let box = Box(lower: SIMD3(1, -2, 3), upper: SIMD3(3, 8, 4))
        let part = grid.cropped(to: box)
        #expect(part.extent == SIMD3(2, 10, 1))
        #expect(part.origin == grid.affine(SIMD3(1, -2, 3)))
        #expect(part.affine(SIMD3(1, 5, 0)) == grid.affine(SIMD3(2, 3, 3)))
        #expect(part.cropped(to: Box(lower: SIMD3(-1, 2, -3), upper: SIMD3(3, 7, 3))) == grid)
        #expect(grid.cropped(to: Box(lower: SIMD3(1, 1, 1), upper: SIMD3(1, 2, 2))).isEmpty)
    }

    @Test("the corner distance is the largest, in voxels, over all eight corners")
    func corners() {
        var other = grid
        other.affine.origin += SIMD3(0.5, 0, 0)
        #expect(grid.cornerDistance(to: other) == 0.5)
        var turned = grid
        turned.affine.z += SIMD3(0.1, 0, 0)
        // Five steps along k lead 0.5 mm, which is half a voxel of i, astray.
        #expect(abs((grid.cornerDistance(to: turned) ?? 0) - 0.5) < 1e-12)
        #expect(grid.cornerDistance(to: Grid(w: 4, h: 5, d: 7)) == nil)
    }

    @Test("is the same grid within a tenth of a voxel, if both or none know their orientation")
    func same() {
        var near = grid
        near.affine.origin += SIMD3(0.09, 0, 0)
        #expect(grid.isSame(as: near))
        near.affine.origin += SIMD3(0.02, 0, 0)
        #expect(!grid.isSame(as: near))
        var unknown = grid
        unknown.isOriented = false
        #expect(!grid.isSame(as: unknown) && unknown.isSame(as: unknown))
        #expect(!grid.isSame(as: grid.cropped(to: Box(lower: .zero, upper: SIMD3(4, 5, 5)))))
    }
}

@Suite("Box") struct BoxTests {
    private let box = Box(lower: SIMD3(1, 2, 3), upper: SIMD3(4, 6, 8))

    @Test("has an extent, and is empty as soon as one axis is")
    func extent() {
        #expect(box.extent == SIMD3(3, 4, 5) && !box.isEmpty)
        #expect(Box(lower: SIMD3(1, 2, 3), upper: SIMD3(4, 2, 8)).isEmpty)
        #expect(Box(lower: SIMD3(1, 2, 3), upper: SIMD3(0, 6, 8)).isEmpty)
    }

    @Test("grows and shrinks on both sides")
    func grown() {
        #expect(box.grown(by: SIMD3(1, 0, 2)) == Box(lower: SIMD3(0, 2, 1), upper: SIMD3(5, 6, 10)))
        #expect(box.grown(by: SIMD3(-1, 0, -2)) == Box(lower: SIMD3(2, 2, 5), upper: SIMD3(3, 6, 6)))
    }

    @Test("clamped holds what both hold; nothing in common is empty")
    func clamped() {
        let other = Box(lower: SIMD3(0, 3, 4), upper: SIMD3(2, 9, 6))
        let common = Box(lower: SIMD3(1, 3, 4), upper: SIMD3(2, 6, 6))
        #expect(box.clamped(to: other) == common && other.clamped(to: box) == common)
        #expect(box.contains(common) && !box.contains(other) && box.contains(box))
        #expect(box.clamped(to: Box(lower: SIMD3(9, 9, 9), upper: SIMD3(10, 10, 10))).isEmpty)
    }
}
