internal import MedPrepCore

/// Where MONAI Spacing lays its grids (`compute_shape_offset`).
extension Resample {
    /// MONAI Spacing(diagonal=True): axes along the world's; size round(ptp + 1) of the corners; the first voxel at
    /// the corner that is smallest on every axis, else indices n/2 and n'/2 in one place (sic).
    func diagonalGrid(after grid: Grid) throws(OperatorError) -> Grid {
        if !grid.isOriented { throw .unknownOrientation(operator: Self.name) }
        let step = try targetSpacing(of: grid)
        let last = SIMD3<Double>(grid.extent &- SIMD3(repeating: 1))
        let corners = (0..<8).map { corner in
            grid.affine(
                SIMD3(
                    corner & 4 == 0 ? 0 : last.x, corner & 2 == 0 ? 0 : last.y, corner & 1 == 0 ? 0 : last.z))
        }
        let low = corners.reduce(corners[0]) { pointwiseMin($0, $1) }
        let high = corners.reduce(corners[0]) { pointwiseMax($0, $1) }
        var extent = SIMD3(1, 1, 1)
        for axis in 0..<3 {
            guard let size = SizeRounding.round((high[axis] - low[axis]) / step[axis] + 1, isGuarded: true)
            else {
                throw .tooLarge(extent: [0, 1, 2].map { $0 == axis ? Int.max : grid.extent[$0] })
            }
            extent[axis] = size
        }
        let smallest = corners.first { ((($0 - low) / step) .<= 1e-8) == SIMDMask(repeating: true) }
        let centred = grid.affine(SIMD3<Double>(grid.extent) / 2) - step * SIMD3<Double>(extent) / 2
        return Grid(extent: extent, affine: Affine(scale: step, origin: smallest ?? centred))
    }

    /// Where MONAI puts the first voxel if not on the scan's own; nil: there.
    ///
    /// It strips shear (A = Q·U, U upper triangular) and keeps the first voxel only where no corner of the scan lies
    /// before it by more than 1e-8 new voxels along an axis. The Float32 of a header shears every oblique affine a
    /// little, so which way the last bits fell decides; else indices n/2 and n'/2 share one place (sic).
    func monaiOrigin(of after: Grid, on grid: Grid) -> SIMD3<Double>? {
        let (a, step) = (grid.affine, after.spacing)
        let last = SIMD3<Double>(grid.extent &- SIMD3(repeating: 1))
        let u = a.x / a.x.length
        let upright = a.y - u * u.dot(a.y)
        let v = upright / upright.length
        let before = SIMD2(
            (min(0, u.dot(a.y)) * last.y + min(0, u.dot(a.z)) * last.z) / step.x,
            min(0, v.dot(a.z)) * last.z / step.y)
        if before.min() >= -1e-8 { return nil }
        let half = SIMD3<Double>(after.extent) / 2
        let middle = after.affine.x * half.x + after.affine.y * half.y + after.affine.z * half.z
        return a(SIMD3<Double>(grid.extent) / 2) - middle
    }
}
