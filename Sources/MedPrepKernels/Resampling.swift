package import MedPrepCore

/// The tensor at the places `map` names: output voxel o holds the source at continuous index c = map(o).
///
/// - Parameter view: what stands for the source, with the bits that a copy of it would give; nil: the tensor itself.
///
/// Nothing to move gives the source itself; whole voxels a plain copy; axes that stay axes three passes; all else a
/// gather. The bits do not depend on the number of workers.
///
/// - Memory: source, result and `workspaceBytes`. A box within a source that nobody else holds is the source's own
///   memory. A source that is handed over with its only reference becomes a
///   B-spline's coefficients in place, and goes as soon as a copy of it has been made.
package func resample(
    _ tensor: consuming Tensor, through view: View? = nil, map: Affine, to extent: SIMD3<Int>,
    sampling: Sampling,
    nonfinite: Nonfinite = .error,
    workers: Workers
) -> Tensor {
    // A variable of its own: Swift 6.3 reads a consumed parameter that is changed on one path only from memory that
    // was never written.
    var source = consume tensor
    // The numbers of a file are read through a view of all of them.
    let seen = view ?? View(map: .identity, extent: source.shape.extent)
    if view != nil || source.isStored, let axes = seen.axes(in: source.shape.extent),
        let taps = separableTaps(map, from: seen.extent, to: extent, sampling, nonfinite)
    {
        return separated(
            source, seen: seen.extent, through: offsets(source.shape, axes, Sampling(.nearest)), taps,
            to: extent, fill: sampling.fill, workers)
    }
    if let view {
        let isWhole = Motion(map, from: view.extent, to: extent).isWhole
        if sampling.interpolation.isNearest, isWhole, view.isWhole(source.shape.voxelCount) {
            // Whole voxels of whole voxels: one copy does both.
            return resample(
                consume source, map: view.map * map, to: extent, sampling: sampling, nonfinite: nonfinite,
                workers: workers)
        }
        source = resample(
            consume source, map: view.map, to: view.extent, sampling: Sampling(.nearest), workers: workers)
    }
    let motion = Motion(map, from: source.shape.extent, to: extent)
    if motion == .identity { return source }
    if let zoom = sampling.zoom {
        return zoomed(source, to: extent, zoom, map: map, sampling, nonfinite, workers)
    }
    if let tiebreak = sampling.tiebreak, !motion.isWhole {
        return voted(source, motion, map, to: extent, sampling, tiebreak, workers)
    }
    if let smoothing = Smoothing(map, sampling) {
        return smoothed(consume source, smoothing, motion, map, to: extent, sampling, nonfinite, workers)
    }
    switch motion {
    case .identity: return source
    case .axes(let axes):
        if sampling.copies(axes) {
            if let box = axes.box(within: source.shape.extent), source.compact(to: box) { return source }
            var result = nearest(source, axes, to: extent, sampling, workers)
            if nonfinite == .ignore, !axes.allSatisfy(\.isWhole) {
                result.replaceNonfinite(with: .nan, workers)
            }
            return result
        }
        // Axes that change places do so first; the passes then keep their order.
        if axes.map(\.axis) != [0, 1, 2] {
            let shape = source.shape
            let turned = axes.map { AxisMotion(shifting: $0.axis, count: shape.extent[$0.axis]) }
            let size = SIMD3(turned[0].count, turned[1].count, turned[2].count)
            source = nearest(source, turned, to: size, Sampling(.nearest), workers)
            let passes = axes.indices.map { AxisMotion(axes[$0], along: $0) }
            return interpolated(consume source, .axes(passes), map, to: extent, sampling, nonfinite, workers)
        }
        return interpolated(consume source, motion, map, to: extent, sampling, nonfinite, workers)
    case .oblique:
        return interpolated(consume source, motion, map, to: extent, sampling, nonfinite, workers)
    }
}

/// Smoothed first, then read without antialias; non-finite voxels are out of the way meanwhile.
private func smoothed(
    _ tensor: consuming Tensor, _ smoothing: Smoothing, _ motion: Motion, _ map: Affine,
    to extent: SIMD3<Int>,
    _ sampling: Sampling, _ nonfinite: Nonfinite, _ workers: Workers
) -> Tensor {
    var source = consume tensor
    var plain = sampling
    plain.antialias = .none
    guard nonfinite == .ignore, source.hasNonfinite(workers) else {
        source = smoothing(source, workers)
        return resample(consume source, map: map, to: extent, sampling: plain, workers: workers)
    }
    var finite = copy source
    finite.replaceNonfinite(with: sampling.fill, workers)
    finite = smoothing(finite, workers)
    var result = resample(consume finite, map: map, to: extent, sampling: plain, workers: workers)
    result.markNonfinite(of: source, motion, map, sampling, workers)
    return result
}

extension Sampling {
    /// True where each output is one voxel.
    func copies(_ axes: [AxisMotion]) -> Bool {
        interpolation.isNearest || axes.allSatisfy { interpolation.copies($0) }
    }
}

/// One source voxel for each output voxel.
private func nearest(
    _ source: Tensor, _ axes: [AxisMotion], to extent: SIMD3<Int>, _ sampling: Sampling, _ workers: Workers
) -> Tensor {
    source.gathered(offsets(source.shape, axes, sampling), to: extent, fill: sampling.fill, workers)
}

private func offsets(_ shape: Shape, _ axes: [AxisMotion], _ sampling: Sampling) -> [AxisOffsets] {
    var sampling = sampling
    sampling.boundary = sampling.resolvedBoundary
    if !sampling.interpolation.isNearest { sampling.interpolation = .nearest }
    let strides = [shape.c, shape.w * shape.c, shape.h * shape.w * shape.c]
    return axes.map {
        let lattice = Lattice(shape.extent[$0.axis], sampling: sampling, isFiltered: false)
        return AxisOffsets(
            Taps($0, lattice: lattice, sampling: sampling), axis: $0.axis, stride: strides[$0.axis])
    }
}

/// What is read between voxels: non-finite voxels out of the way, coefficients, the passes or the gather, non-finite voxels
/// back.
private func interpolated(
    _ source: consuming Tensor, _ motion: Motion, _ map: Affine, to extent: SIMD3<Int>, _ sampling: Sampling,
    _ nonfinite: Nonfinite, _ workers: Workers
) -> Tensor {
    let hides = nonfinite == .ignore && !sampling.interpolation.isNearest && source.hasNonfinite(workers)
    let lattices = motion.lattices(source.shape.extent, sampling)
    let degree = sampling.interpolation.splineDegree
    if degree != nil, case .axes(let axes) = motion {
        let passes = (0..<3).map { SplineAxis(axes[$0], lattices[$0], sampling) }
        var result = splined(source, passes, to: extent, fill: sampling.fill, hides: hides, workers)
        if hides { result.markNonfinite(of: source, motion, map, sampling, workers) }
        return result
    }
    let shape = Shape(n: source.shape.n, extent: extent, c: source.shape.c)
    // Where nothing is hidden, this is the sole reference: it is padded or filtered and the source is no more.
    let hidden = hides ? copy source : nil
    var samples = consume source
    if lattices.contains(where: { $0.padding > 0 }) { samples = samples.padded(lattices, sampling, workers) }
    if hides { samples.replaceNonfinite(with: sampling.fill, workers) }
    if let degree { samples.prefilter(lattices.map(\.boundary), degree: degree, workers) }
    var result: Tensor
    if case .axes(let axes) = motion {
        let taps = (0..<3).map { Taps(axes[$0], lattice: lattices[$0], sampling: sampling) }
        result = separated(
            samples, seen: samples.shape.extent, through: nil, taps, to: extent, fill: sampling.fill, workers)
    } else {
        result = samples.withUnsafeValues { values in
            Tensor(shape) { out in
                Oblique(
                    source: values.baseAddress!, sourceShape: samples.shape, result: out.baseAddress!,
                    shape: shape, map: map, sampling: sampling, lattices: lattices
                ).run(workers)
            }
        }
    }
    if let hidden { result.markNonfinite(of: hidden, motion, map, sampling, workers) }
    return result
}

/// The taps of axes that stay axes and need nothing but the voxels; nil: the source is changed first, or copied.
private func separableTaps(
    _ map: Affine, from source: SIMD3<Int>, to extent: SIMD3<Int>, _ sampling: Sampling,
    _ nonfinite: Nonfinite
) -> [Taps]? {
    let motion = Motion(map, from: source, to: extent)
    guard nonfinite != .ignore, sampling.zoom == nil, sampling.tiebreak == nil,
        sampling.interpolation.splineDegree == nil, Smoothing(map, sampling) == nil,
        case .axes(let axes) = motion, axes.map(\.axis) == [0, 1, 2], !sampling.copies(axes)
    else { return nil }
    let lattices = motion.lattices(source, sampling)
    if lattices.contains(where: { $0.padding > 0 }) { return nil }
    return (0..<3).map { Taps(axes[$0], lattice: lattices[$0], sampling: sampling) }
}

/// Bytes that `resample` needs besides source and result, at most.
///
/// - Parameters:
///   - shape: of the source; with a view, what is seen of it, all at most.
///   - isViewed: true where a view stands for the source.
///   - isStored: true where the source may hold the numbers of a file.
package func workspaceBytes(
    from shape: Shape, isViewed: Bool = false, isStored: Bool = false, map: Affine, to extent: SIMD3<Int>,
    sampling: Sampling,
    nonfinite: Nonfinite = .error,
    workers: Workers
) -> Int {
    let motion = Motion(map, from: shape.extent, to: extent)
    if case .identity = motion { return 0 }
    // In Double: a hostile header's sizes may not fit a whole number.
    let voxels = SIMD3<Double>(shape.extent)
    let values = Double(shape.n) * Double(shape.c)
    let whole = values * voxels.x * voxels.y * voxels.z
    let result = values * Double(extent.x) * Double(extent.y) * Double(extent.z)
    // A view may have to be copied first, and its source stays as long.
    let copying = isViewed ? 2 * whole : 0
    func bytes(_ peak: Double) -> Int { Int(min(4 * max(0, max(peak, copying) - whole - result), 0x1p62)) }
    if sampling.zoom != nil || sampling.tiebreak != nil {
        let needed =
            sampling.zoom.map {
                zoomWorkspaceBytes(from: shape, to: extent, $0, isLabel: sampling.tiebreak != nil, workers)
            } ?? voteWorkspaceBytes(from: shape, workers)
        return max(needed, bytes(0))
    }
    // A block's temporaries are bounded by their aim or, for very long rows, by a few of them.
    let row = Double(max(shape.w, extent.x)) * Double(shape.c)
    func temporaries(_ width: Int) -> Double {
        Double(workers.count) * (Double(4 * Separable.blockValues) + Double(4 * max(width, 4)) * row)
    }
    var isCopy = sampling.interpolation.isNearest
    var turns = false
    if case .axes(let axes) = motion {
        isCopy = sampling.copies(axes)
        turns = !isCopy && axes.map(\.axis) != [0, 1, 2]
    }
    // What stays beside the values in work: the source, while its non-finite voxels are hidden.
    var kept = 0.0
    var (work, peak, passes) = (whole, 0.0, 0.0)
    if let smoothing = Smoothing(map, sampling) {
        if nonfinite == .ignore { kept = whole }
        passes = temporaries(smoothing.width)
        peak = kept + 2 * whole + passes
    }
    if turns { peak = max(peak, kept + 2 * whole) }
    if !isCopy {
        let hides = nonfinite == .ignore && kept == 0
        let lattices = motion.lattices(shape.extent, sampling)
        if sampling.interpolation.splineDegree != nil, case .axes(let axes) = motion {
            let spline = SplinePasses.workspaceValues(
                axes.map { lattices[$0.axis] }, to: extent, channels: shape.c, copiesZ: axes[2].isWhole,
                workers)
            peak = max(peak, kept + whole + result + max(passes, spline))
            return bytes(peak)
        }
        let isPadded = lattices.contains { $0.padding > 0 }
        if isPadded { work = lattices.reduce(values) { $0 * Double($1.size) } }
        if hides { kept = whole }
        if isPadded { peak = max(peak, (hides ? 0 : kept) + whole + work) }
        let width = sampling.tapWidth(shape.extent, map)
        passes = max(passes, temporaries(width))
        if isViewed || isStored {
            // What the planes of a block read is copied for them.
            let planes = Double(Separable.planesPerBlock) * Motion.ratios(map).z + Double(width) + 2
            passes += Double(workers.count) * min(planes / voxels.z, 1) * whole
        }
    }
    peak = max(peak, kept + work + result + passes)
    return bytes(peak)
}

extension Sampling {
    /// The most neighbours along any axis.
    fileprivate func tapWidth(_ source: SIMD3<Int>, _ map: Affine) -> Int {
        let ratios = Motion.ratios(map)
        return (0..<3).map { AxisKernel.width(interpolation, voxels: source[$0], ratio: ratios[$0]) }.max()
            ?? 1
    }
}
