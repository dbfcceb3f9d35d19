internal import MedPrepCore
internal import MedPrepKernels

/// A case on its way.
struct NNUNetCase {
    var image: Volume
    var labels: Volume?
    /// 1 where the nonzero region is, on the grid of the image; set by `crop`.
    var region: Tensor?

    init(image: consuming Volume, labels: consuming Volume?) {
        self.image = image
        self.labels = labels
    }

    func checkLabels() throws(OperatorError) {
        guard let labels else { return }
        let expected = Shape(n: image.tensor.shape.n, extent: image.tensor.shape.extent)
        guard labels.tensor.shape == expected else {
            throw .maskShape(mask: "labels", found: labels.tensor.shape.sizes, expected: expected.sizes)
        }
    }

    /// Every volume on another grid of whole voxels.
    private mutating func copy(to grid: Grid, _ workers: Workers) {
        let map = image.grid.affine.inverse * grid.affine
        func moved(_ tensor: Tensor) -> Tensor {
            MedPrepKernels.resample(tensor, map: map, to: grid.extent, sampling: .label, workers: workers)
        }
        if let labels {
            self.labels = Volume(
                tensor: moved(labels.tensor), grid: grid, role: labels.role, source: labels.source)
        }
        region = region.map(moved)
        image = Volume(tensor: moved(image.tensor), grid: grid, role: image.role, source: image.source)
    }

    mutating func transpose(_ order: SIMD3<Int>, _ workers: Workers) {
        guard order != SIMD3(0, 1, 2) else { return }
        var grid = image.grid
        for axis in 0..<3 {
            grid.extent[axis] = image.grid.extent[order[axis]]
            grid.affine[axis] = image.grid.affine[order[axis]]
        }
        copy(to: grid, workers)
    }

    /// - Returns: the box that is left.
    mutating func crop(in context: inout Context) -> Box {
        let box = image.tensor.boundingBox(of: .nonzero, context.workers)
        if box == nil {
            context.note(.emptyForeground, "no voxel is nonzero, so the volume stays whole")
        }
        region = image.tensor.nonzeroRegion(context.workers)
        let kept = box ?? image.grid.box
        if kept != image.grid.box { copy(to: image.grid.cropped(to: kept), context.workers) }
        if let region {
            labels?.tensor.withUnsafeMutableValues { labels in
                region.withUnsafeValues { region in
                    for voxel in labels.indices where labels[voxel] == 0 && region[voxel] == 0 {
                        labels[voxel] = -1
                    }
                }
            }
        }
        return kept
    }

    /// The voxels whose label is not −1: the region, and labelled voxels outside it.
    private func mask(_ workers: Workers) -> Tensor {
        guard let labels else { return region ?? image.tensor.nonzeroRegion(workers) }
        var mask = labels.tensor
        mask.forEachSlab(workers) { slab in
            for voxel in slab.indices { slab[voxel] = slab[voxel] >= 0 ? 1 : 0 }
        }
        return mask
    }

    mutating func normalize(_ schemes: [NNUNet.Normalization], in context: Context) throws(OperatorError) {
        let (shape, workers) = (image.tensor.shape, context.workers)
        guard schemes.count == 1 || schemes.count == shape.c else {
            throw .channelCount(parameter: "steps", found: schemes.count, expected: shape.c)
        }
        let schemes = schemes.count == 1 ? Array(repeating: schemes[0], count: shape.c) : schemes
        let masked = schemes.contains(.zScore(inRegion: true)) ? VoxelSelection.mask(mask(workers)) : nil
        let inside = masked.map { image.tensor.moments(where: $0, workers) }
        let whole = schemes.contains(.zScore(inRegion: false)) ? image.tensor.moments(workers) : nil
        let extremes =
            schemes.contains { $0 == .rescaleTo01 || $0 == .rgbTo01 } ? image.tensor.extremes(workers) : nil
        var (bounds, plain, inRegion) = ([[Bounds]](), [[Scaling]](), [[Scaling]]())
        for n in 0..<shape.n {
            var (boundsRow, plainRow, regionRow) = ([Bounds](), [Scaling](), [Scaling]())
            for (c, scheme) in schemes.enumerated() {
                var (limit, everywhere, within) = (Bounds.none, Scaling(), Scaling())
                switch scheme {
                case .ct(let mean, let std, let lower, let upper):
                    limit = Bounds(Float(lower), Float(upper))
                    everywhere = Scaling(center: mean, factor: 1 / max(std, 1e-8))
                case .zScore(true): within = try Self.zScore(inside?[n][c], mask: "nonzero_region")
                case .zScore(false): everywhere = try Self.zScore(whole?[n][c], mask: "none")
                case .rescaleTo01:
                    guard let range = extremes?[n][c], !range.isEmpty else {
                        throw .noFiniteValue(operator: "RescaleTo01Normalization")
                    }
                    let width = Double(range.max) - Double(range.min)
                    everywhere = Scaling(center: Double(range.min), factor: 1 / max(width, 1e-8))
                case .rgbTo01:
                    for value in extremes.map({ [$0[n][c].min, $0[n][c].max] }) ?? []
                    where value.isFinite && !(0...255).contains(value) {
                        throw .noColour(found: value)
                    }
                    everywhere = Scaling(factor: 1 / 255)
                case .none: break
                }
                boundsRow.append(limit)
                plainRow.append(everywhere)
                regionRow.append(within)
            }
            bounds.append(boundsRow)
            plain.append(plainRow)
            inRegion.append(regionRow)
        }
        if bounds.joined().contains(where: { $0 != .none }) { image.tensor.clamp(to: bounds, workers) }
        if plain.joined().contains(where: { $0 != Scaling() }) { image.tensor.scale(by: plain, workers) }
        if let masked { image.tensor.scale(by: inRegion, where: masked, workers) }
    }

    private static func zScore(_ moments: Moments?, mask: String) throws(OperatorError) -> Scaling {
        guard let moments, moments.count > 0 else { throw .emptyMask(mask: mask) }
        return Scaling(center: moments.mean, factor: 1 / max(moments.variance.squareRoot(), 1e-8))
    }

    /// The image alone; labels have their own numbers.
    mutating func resample(_ step: Resample, in context: inout Context) throws(OperatorError) {
        var subject = Case(name: "", images: [.init("image", image)])
        try step.apply(to: &subject, in: &context)
        image = subject.images[0].volume
    }

    mutating func resampleLabels(
        _ votes: ResampleLabels, _ step: Resample, _ workers: Workers
    ) throws(OperatorError) {
        guard let labels else { return }
        var votes = votes
        votes.spacing = step.given
        self.labels = try votes(labels, workers: workers)
    }
}
