import MedPrepCore

/// nnU-Net's resampling of images (SEMANTICS 7.3): slices first, then the axis across them.
///
/// A slice is read along its rows, then along its columns, in a Double workspace of its own. Where the axis across
/// is nearest or stays, that is all, and each slice goes to its outputs. Else the slices of one channel wait in Double
/// until the axis across them can be read: nz·nx'·ny' values, the only copy that grows with the volume.
///
/// - Same as: `nnunetv2` `resample_data_or_seg_to_shape(is_seg=False)`, within 1e-9 of the range before rounding.
func zoomed(
    _ source: Tensor, to extent: SIMD3<Int>, _ zoom: Sampling.Zoom, map: Affine, _ sampling: Sampling,
    _ nonfinite: Nonfinite, _ workers: Workers
) -> Tensor {
    if let tiebreak = sampling.tiebreak { return zoomedLabels(source, to: extent, zoom, tiebreak, workers) }
    let hides = nonfinite == .ignore && source.hasNonfinite(workers)
    let shape = Shape(n: source.shape.n, extent: extent, c: source.shape.c)
    let ranges = zoom.apart == nil ? source.extremes(workers) : nil
    var result = source.withElements(
        ZoomedRead(
            source: source.shape, shape: shape, zoom: zoom, ranges: ranges,
            fill: hides ? sampling.fill : nil, workers: workers))
    if hides {
        let motion = Motion(map, from: source.shape.extent, to: extent)
        result.markNonfinite(of: source, motion, map, sampling, workers)
    }
    return result
}

private struct ZoomedRead: ElementLoop {
    let source: Shape
    let shape: Shape
    let zoom: Sampling.Zoom
    let ranges: [[Extremes]]?
    let fill: Float?
    let workers: Workers

    func callAsFunction<Element: StoredElement>(_ values: UnsafeBufferPointer<Element>) -> Tensor {
        Tensor(shape) { out in
            Zoom(
                source: values.baseAddress!, sourceShape: source, result: out.baseAddress!, shape: shape,
                zoom: zoom, ranges: ranges, fill: fill
            ).run(workers)
        }
    }
}

/// Bytes that a zoom needs besides source and result.
func zoomWorkspaceBytes(
    from shape: Shape, to extent: SIMD3<Int>, _ zoom: Sampling.Zoom, isLabel: Bool, _ workers: Workers
) -> Int {
    let (n, m) = (SIMD3<Double>(shape.extent), SIMD3<Double>(extent))
    let across = zoom.apart?.axis ?? 2
    let (u, v) = (across == 0 ? 1 : 0, across == 2 ? 1 : 2)
    let waits = (zoom.apart?.order ?? zoom.order) != .nearest && shape.extent[across] != extent[across]
    if isLabel {
        // Slices of labels, where the axis across them is read afterwards.
        let slices =
            zoom.apart != nil && waits ? 4 * Double(shape.n) * Double(shape.c) * m[u] * m[v] * n[across] : 0
        return Int(min(slices + Double(voteWorkspaceBytes(from: shape, workers)), 0x1p62))
    }
    let lines = 64 * (n[u] + m[u] + 4 * max(n[v], n[across]) + 128)
    let slice = 8 * n[v] * m[u] + (waits ? 0 : 8 * m[u] * m[v])
    let waiting = waits ? 8 * n[across] * m[u] * m[v] : 0
    return Int(min(Double(workers.count) * (slice + lines) + waiting, 0x1p62))
}
