public import MedPrepCore
internal import MedPrepKernels

extension SpatialOperator {
    /// Moves every image, label and mask of the case; a volume whose grid stays is not touched.
    ///
    /// All grids are worked out before the first voxel moves. Masks for `box(in:context:)` are in the context.
    public func apply(to subject: inout Case, in context: inout Context) throws(OperatorError) {
        guard let first = subject.images.first else { return }
        note(on: first.volume.grid, in: &context)
        let box = dependsOnVoxels ? try box(in: first.volume, context: &context) : nil
        let images = try grids(after: subject.images, box)
        let labels = try grids(after: subject.labels, box)
        let masks = try grids(after: subject.masks, box)
        for index in labels.indices {
            mark(&subject.labels[index].volume.tensor, on: first.volume.tensor, context.workers)
        }
        for index in images.indices {
            let sampling = sampling(of: subject.images[index].volume)
            move(&subject.images[index].volume, to: images[index], sampling, clips: clipToInputRange, context)
        }
        for index in labels.indices {
            let sampling = labelSampling(on: subject.labels[index].volume.grid)
            move(&subject.labels[index].volume, to: labels[index], sampling, clips: false, context)
        }
        for index in masks.indices {
            let sampling = labelSampling(on: subject.masks[index].volume.grid)
            move(&subject.masks[index].volume, to: masks[index], sampling, clips: false, context)
        }
    }

    private func grids(after volumes: [Case.Named], _ box: Box?) throws(OperatorError) -> [Grid] {
        var grids = [Grid]()
        for volume in volumes { grids.append(try grid(after: volume.volume.grid, box: box)) }
        return grids
    }

    private func move(
        _ volume: inout Volume, to grid: Grid, _ sampling: Sampling, clips: Bool, _ context: Context
    ) {
        if grid == volume.grid { return }
        let map = volume.grid.affine.inverse * grid.affine
        let range = clips ? Extremes(merging: volume.tensor.extremes(context.workers).joined()) : nil
        var moved = resample(
            volume.tensor, map: map, to: grid.extent, sampling: sampling,
            nonfinite: volume.role == .image ? context.nonfinite : .error, workers: context.workers)
        if let range, !range.isEmpty {
            moved.clamp(to: Bounds(range.min, range.max), except: sampling.fill, context.workers)
        }
        volume = Volume(tensor: moved, grid: grid, role: volume.role, source: volume.source)
    }

    /// Bytes that moving one volume takes at its peak: source, result and workspace. A volume that stays takes its
    /// own.
    ///
    /// - Parameters:
    ///   - shape: of the volume before the step.
    ///   - role: of the volume; labels and masks are read as `labelSampling` says.
    public func peakBytes(
        of shape: Shape, role: Volume.Role, from before: Grid, to after: Grid, nonfinite: Nonfinite,
        workers: Workers
    ) -> Int {
        // In Double: a hostile header's sizes may not fit a whole number.
        func bytes(_ extent: SIMD3<Int>) -> Double {
            4 * Double(shape.n) * Double(shape.c) * Double(extent.x) * Double(extent.y) * Double(extent.z)
        }
        let source = bytes(shape.extent)
        let marking = role == .label ? Double(markingBytes(shape)) : 0
        if before == after { return Int(min(source + marking, 0x1p62)) }
        // How an image is read may depend on its voxels, but only in the fill value: one voxel will do.
        let voxel = Volume(
            tensor: Tensor(Shape(d: 1, h: 1, w: 1)),
            grid: Grid(extent: SIMD3(1, 1, 1), affine: before.affine))
        let sampling = role == .image ? sampling(of: voxel) : labelSampling(on: before)
        let workspace = workspaceBytes(
            from: shape, map: before.affine.inverse * after.affine, to: after.extent, sampling: sampling,
            nonfinite: role == .image ? nonfinite : .error, workers: workers)
        return Int(min(source + max(bytes(after.extent) + Double(workspace), marking), 0x1p62))
    }
}

extension Grid {
    /// The same grid, unless it would hold more than 2⁴⁰ voxels or none.
    func checked(_ name: String, from before: Grid) throws(OperatorError) -> Grid {
        let sizes = [extent.x, extent.y, extent.z]
        if isEmpty {
            throw .nothingLeft(operator: name, extent: [before.extent.x, before.extent.y, before.extent.z])
        }
        guard let count = Shape.count(of: sizes), count <= 1 << 40 else { throw .tooLarge(extent: sizes) }
        return self
    }
}
