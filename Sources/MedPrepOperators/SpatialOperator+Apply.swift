public import MedPrepCore
package import MedPrepKernels

extension SpatialOperator {
    /// Moves every image, label and mask of the case; a volume whose grid stays is not touched.
    ///
    /// All grids are worked out before the first voxel moves. Masks for `foreground(in:context:)` are in the context.
    public func apply(to subject: inout Case, in context: inout Context) throws(OperatorError) {
        let before = CaseGrids(of: subject)
        let after = try plan(&subject, seenOn: before, in: &context)
        move(&subject, seenOn: before, to: after, context)
    }

    /// The grids that come after this step, by a look at the voxels where they decide; notes doubts and changes labels.
    ///
    /// - Parameter before: the grids that the case is seen on: its own, or those of copies that wait to be made.
    package func plan(
        _ subject: inout Case, seenOn before: CaseGrids, in context: inout Context
    ) throws(OperatorError) -> CaseGrids {
        guard let seen = before.images.first else { return before }
        note(on: seen, in: &context)
        let after = try before.after(self, box: box(of: subject, seenOn: seen, context: &context))
        for index in subject.labels.indices {
            mark(&subject.labels[index].volume.tensor, on: subject.images[0].volume.tensor, context.workers)
        }
        return after
    }

    /// Moves every volume to the grid that `plan` found, and with it what waited.
    ///
    /// Precondition: where something waits, this step picks voxels or reads through views.
    ///
    /// - Parameter arrived: the one image on its new grid, where its planes were read as they came.
    package func move(
        _ subject: inout Case, seenOn before: CaseGrids, to after: CaseGrids, arrived: Tensor? = nil,
        _ context: Context
    ) {
        precondition(
            picksVoxels || readsThroughViews || before == CaseGrids(of: subject),
            "\(name) reads between voxels, so copies cannot wait for it")
        if let arrived {
            let source = subject.images[0].volume.source
            subject.images[0].volume = Volume(tensor: arrived, grid: after.images[0], source: source)
        }
        for index in after.images.indices where arrived == nil {
            let sampling = sampling(of: subject.images[index].volume)
            move(
                &subject.images[index].volume, seenOn: before.images[index], to: after.images[index],
                sampling, clips: clipToInputRange, context)
        }
        for index in after.labels.indices {
            let (grid, sampling) = (before.labels[index], labelSampling(on: before.labels[index]))
            move(
                &subject.labels[index].volume, seenOn: grid, to: after.labels[index], sampling, clips: false,
                context)
        }
        for index in after.masks.indices {
            let (grid, sampling) = (before.masks[index], labelSampling(on: before.masks[index]))
            move(
                &subject.masks[index].volume, seenOn: grid, to: after.masks[index], sampling, clips: false,
                context)
        }
    }

    /// How the planes of an image on this grid, of one channel and finite, are read one by one; nil: they cannot be.
    package func planewise(on grid: Grid) -> PlanewiseSpline? {
        guard readsPlanes, !clipToInputRange, !dependsOnVoxels, reference == nil,
            let after = try? self.grid(after: grid, box: nil)
        else { return nil }
        // Who reads planes looks at no voxel.
        let image = Volume(arrivingOn: grid)
        return PlanewiseSpline(
            of: grid.extent, map: grid.affine.inverse * after.affine, to: after.extent,
            sampling: sampling(of: image))
    }

    /// The voxels to keep, in index space of the grid that the image is seen on.
    private func box(
        of subject: Case, seenOn grid: Grid, context: inout Context
    ) throws(OperatorError) -> Box? {
        guard dependsOnVoxels, let image = subject.images.first?.volume else { return nil }
        var found = try foreground(in: image, context: &context)
        if image.grid != grid { found = found.map(Turn(of: image.grid, to: grid).box) }
        return try box(around: found, on: grid, context: &context)
    }

    private func move(
        _ volume: inout Volume, seenOn before: Grid, to grid: Grid, _ sampling: Sampling, clips: Bool,
        _ context: Context
    ) {
        let waits = before != volume.grid
        if grid == before, !waits { return }
        let view = waits ? View(map: Turn(of: volume.grid, to: before).map, extent: before.extent) : nil
        let map = before.affine.inverse * grid.affine
        let range = clips ? Extremes(merging: volume.tensor.extremes(context.workers).joined()) : nil
        // Handed over, not shared: it may be worked on in place.
        let source = volume.tensor.handedOver()
        var moved = resample(
            consume source, through: view, map: map, to: grid.extent, sampling: sampling,
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
    ///   - isViewed: true where copies waited for this step.
    ///   - isStored: true where the numbers of a file may still be as they are stored.
    public func peakBytes(
        of shape: Shape, role: Volume.Role, from before: Grid, to after: Grid, isViewed: Bool = false,
        isStored: Bool = false, nonfinite: Nonfinite, workers: Workers
    ) -> Int {
        // In Double: a hostile header's sizes may not fit a whole number.
        func bytes(_ extent: SIMD3<Int>) -> Double {
            4 * Double(shape.n) * Double(shape.c) * Double(extent.x) * Double(extent.y) * Double(extent.z)
        }
        let source = bytes(shape.extent)
        let marking = role == .label ? Double(markingBytes(shape)) : 0
        // The largest box of a crop is the whole; one that is a little smaller is a copy.
        if before == after, !isViewed, !dependsOnVoxels { return Int(min(source + marking, 0x1p62)) }
        // How an image is read may depend on its voxels, but only in the fill value: one voxel will do.
        let voxel = Volume(
            tensor: Tensor(Shape(d: 1, h: 1, w: 1)),
            grid: Grid(extent: SIMD3(1, 1, 1), affine: before.affine))
        let sampling = role == .image ? sampling(of: voxel) : labelSampling(on: before)
        let workspace = workspaceBytes(
            from: shape, isViewed: isViewed && !picksVoxels, isStored: isStored,
            map: before.affine.inverse * after.affine,
            to: after.extent, sampling: sampling,
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
