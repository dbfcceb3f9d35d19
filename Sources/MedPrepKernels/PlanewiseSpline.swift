package import MedPrepCore

/// A B-spline whose source may come plane by plane, as from a file: x and y are read while the next planes come, and the
/// source never exists as a volume. The bits are those of `resample`.
package struct PlanewiseSpline: Sendable {
    private let source: Shape
    private let shape: Shape
    private let axes: [AxisMotion]
    private let lattices: [Lattice]
    private let sampling: Sampling

    /// Voxels of a plane that is worth a turn of its own, and small beside its volume whatever the number of workers.
    private static let planeSizes = 1 << 10...1 << 20

    /// nil where this is no B-spline along axes that stay axes, or where the source must be seen whole.
    ///
    /// - Parameter source: extent of a scan of one channel whose values are all finite.
    package init?(of source: SIMD3<Int>, map: Affine, to extent: SIMD3<Int>, sampling: Sampling) {
        let motion = Motion(map, from: source, to: extent)
        guard Self.planeSizes.contains(source.x * source.y), sampling.zoom == nil, sampling.tiebreak == nil,
            sampling.interpolation.splineDegree != nil,
            Smoothing(map, sampling) == nil, case .axes(let axes) = motion, axes.map(\.axis) == [0, 1, 2],
            !sampling.copies(axes)
        else { return nil }
        (self.source, shape, self.axes) = (Shape(extent: source), Shape(extent: extent), axes)
        (lattices, self.sampling) = (motion.lattices(source, sampling), sampling)
    }

    /// Bytes of the result, planes that it has no room for, and what each worker has in hand.
    package func peakBytes(_ workers: Workers) -> Int {
        let workspace = SplinePasses.workspaceValues(
            lattices, to: shape.extent, channels: 1, copiesZ: axes[2].isWhole, workers)
        // A worker has a plane of Floats in hand, and two of up to 16 bits as they are stored.
        let planes = Double(2 * min(workers.count, source.d)) * Double(source.w) * Double(source.h)
        return Int(min(4 * (Double(shape.count) + workspace + planes), 0x1p62))
    }

    /// Bytes of the result alone.
    package var resultBytes: Int { shape.count * MemoryLayout<Float>.stride }

    /// Takes the memory of the result.
    package func begin() -> ArrivingSpline {
        let axes = (0..<3).map { SplineAxis(self.axes[$0], lattices[$0], sampling) }
        return ArrivingSpline(source, to: shape, axes, fill: sampling.fill)
    }
}

/// The result of a `PlanewiseSpline` while planes come.
package final class ArrivingSpline: @unchecked Sendable {
    // Guarded by its user: planes are taken once each, and `finish` comes after all of them.
    private var result: Tensor
    private let passes: SplinePasses

    fileprivate init(_ source: Shape, to shape: Shape, _ axes: [SplineAxis], fill: Float) {
        result = Tensor(shape) { _ in }
        passes = result.withUnsafeMutableValues { values in
            SplinePasses(source, to: values, shape, axes, fill: fill, hides: false)
        }
    }

    /// Takes plane `index` of the source, on any thread.
    package func take(_ plane: Tensor, at index: Int) {
        plane.withUnsafeValues { passes.take(index, 0, $0.baseAddress!) }
    }

    /// Does what is left; the result. Planes that waited go with `self`.
    package func finish(_ workers: Workers) -> Tensor {
        passes.finish(0, workers)
        return result.handedOver()
    }
}
