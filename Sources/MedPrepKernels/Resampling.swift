package import MedPrepCore

/// The tensor at the places `map` names: output voxel o holds the source at continuous index c = map(o).
///
/// Nothing to move gives the source itself; whole voxels a plain copy; axes that stay axes three passes; all else a
/// gather. The bits do not depend on the number of workers.
///
/// - Memory: source, result and `workspaceBytes`. A box within a source that nobody else holds is the source's own
///   memory. A source that is handed over with its only reference becomes a
///   B-spline's coefficients in place, and goes as soon as a copy of it has been made.
package func resample(
    _ tensor: consuming Tensor, map: Affine, to extent: SIMD3<Int>, sampling: Sampling,
    nonfinite: Nonfinite = .error,
    workers: Workers
) -> Tensor {
    // A variable of its own: Swift 6.3 reads a consumed parameter that is changed on one path only from memory that
    // was never written.
    var source = consume tensor
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
    fileprivate func copies(_ axes: [AxisMotion]) -> Bool {
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
    var result = samples.withUnsafeValues { values in
        Tensor(shape) { out in
            let (from, to) = (values.baseAddress!, out.baseAddress!)
            guard case .axes(let axes) = motion else {
                Oblique(
                    source: from, sourceShape: samples.shape, result: to, shape: shape, map: map,
                    sampling: sampling,
                    lattices: lattices
                ).run(workers)
                return
            }
            let taps = (0..<3).map { Taps(axes[$0], lattice: lattices[$0], sampling: sampling) }
            if !(0..<3).allSatisfy({ taps[$0].inside == 0..<extent[$0] }) {
                fillAll(out, sampling.fill, workers)
            }
            if taps.contains(where: \.inside.isEmpty) { return }
            Separable(
                source: from, sourceShape: samples.shape, result: to, shape: shape, x: taps[0], y: taps[1],
                z: taps[2], fill: sampling.fill
            ).run(workers)
        }
    }
    if let hidden { result.markNonfinite(of: hidden, motion, map, sampling, workers) }
    return result
}

/// Bytes that `resample` needs besides source and result, at most.
package func workspaceBytes(
    from shape: Shape, map: Affine, to extent: SIMD3<Int>, sampling: Sampling, nonfinite: Nonfinite = .error,
    workers: Workers
) -> Int {
    let motion = Motion(map, from: shape.extent, to: extent)
    if case .identity = motion { return 0 }
    if let zoom = sampling.zoom {
        return zoomWorkspaceBytes(from: shape, to: extent, zoom, isLabel: sampling.tiebreak != nil, workers)
    }
    if sampling.tiebreak != nil { return voteWorkspaceBytes(from: shape, workers) }
    // In Double: a hostile header's sizes may not fit a whole number.
    let voxels = SIMD3<Double>(shape.extent)
    let values = Double(shape.n) * Double(shape.c)
    let whole = values * voxels.x * voxels.y * voxels.z
    let result = values * Double(extent.x) * Double(extent.y) * Double(extent.z)
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
            return Int(min(4 * max(0, peak - whole - result), 0x1p62))
        }
        let isPadded = lattices.contains { $0.padding > 0 }
        if isPadded { work = lattices.reduce(values) { $0 * Double($1.size) } }
        if hides { kept = whole }
        if isPadded { peak = max(peak, (hides ? 0 : kept) + whole + work) }
        passes = max(passes, temporaries(sampling.tapWidth(shape.extent, map)))
    }
    peak = max(peak, kept + work + result + passes)
    return Int(min(4 * max(0, peak - whole - result), 0x1p62))
}

extension Sampling {
    /// The most neighbours along any axis.
    fileprivate func tapWidth(_ source: SIMD3<Int>, _ map: Affine) -> Int {
        let ratios = Motion.ratios(map)
        return (0..<3).map { AxisKernel.width(interpolation, voxels: source[$0], ratio: ratios[$0]) }.max()
            ?? 1
    }
}
