/// Where voxels are: how many along each axis, and the affine that places them in the world.
public struct Grid: Hashable, Sendable {
    /// Sizes (w, h, d) along i, j, k; each at least 1.
    public var extent: SIMD3<Int>
    /// Voxel index to RAS+ millimetres. Without orientation it holds the spacing alone.
    public var affine: Affine
    /// False when the file says nothing of orientation (sform and qform codes 0): left and right are unknown.
    public var isOriented: Bool

    public init(extent: SIMD3<Int>, affine: Affine, isOriented: Bool = true) {
        (self.extent, self.affine, self.isOriented) = (extent, affine, isOriented)
    }

    /// An axis-aligned RAS grid.
    public init(w: Int, h: Int, d: Int, step: SIMD3<Double> = SIMD3(1, 1, 1), origin: SIMD3<Double> = .zero) {
        self.init(extent: SIMD3(w, h, d), affine: Affine(scale: step, origin: origin))
    }

    public var spacing: SIMD3<Double> { affine.spacing }
    public var origin: SIMD3<Double> { affine.origin }
    public var voxelCount: Int { extent.x * extent.y * extent.z }
    public var box: Box { Box(lower: .zero, upper: extent) }
    public var isEmpty: Bool { box.isEmpty }

    /// nil when the orientation is unknown.
    public var orientation: Orientation? { isOriented ? Orientation(of: affine) : nil }

    /// Millimetres that the voxels cover along each axis, border halves included.
    public var fieldOfView: SIMD3<Double> { spacing * SIMD3<Double>(extent) }

    /// The part of index space in `box`; voxels keep their place in the world. The box may leave the grid.
    public func cropped(to box: Box) -> Grid {
        Grid(extent: box.extent, affine: affine.shifted(by: box.lower), isOriented: isOriented)
    }

    /// The largest distance, in voxels of this grid, between equal corners of the two; nil for unequal extents.
    public func cornerDistance(to other: Grid) -> Double? {
        guard extent == other.extent else { return nil }
        let (inverse, last) = (affine.inverse, SIMD3<Double>(extent &- SIMD3(repeating: 1)))
        var worst = 0.0
        for corner in 0..<8 {
            let index = SIMD3<Double>(
                corner & 1 == 0 ? 0 : last.x, corner & 2 == 0 ? 0 : last.y, corner & 4 == 0 ? 0 : last.z)
            worst = max(worst, (inverse(other.affine(index)) - index).length)
        }
        return worst
    }

    /// True when equal corners lie within 0.1 voxel and both know (or both do not know) their orientation.
    public func isSame(as other: Grid) -> Bool {
        guard isOriented == other.isOriented, let distance = cornerDistance(to: other) else { return false }
        return distance <= 0.1
    }
}
