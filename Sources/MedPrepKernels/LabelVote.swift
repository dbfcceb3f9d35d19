import MedPrepCore

/// Labels between voxels (SEMANTICS 7.2): each label's indicator is read linearly, and the label with the largest
/// score wins.
///
///     score(l) = Σ weights of the 2, 4 or 8 neighbours that hold l
///
/// Only neighbours can score, so no indicator is ever stored: where they agree their label is the result, else their
/// weights are added in the order x, y, z. Points outside the field of view are 0.
func voted(
    _ source: Tensor, _ motion: Motion, _ map: Affine, to extent: SIMD3<Int>, _ sampling: Sampling,
    _ tiebreak: Tiebreak, _ workers: Workers
) -> Tensor {
    if case .axes(let axes) = motion, axes.map(\.axis) == [0, 1, 2] {
        let columns = axes.map { axis in
            (0..<axis.count).map {
                LabelTaps(axis.coordinate($0), axis.isWhole, source.shape.extent[axis.axis], sampling)
            }
        }
        return voted(source, columns, tiebreak, workers)
    }
    return source.withElements(
        ObliqueVote(
            source: source.shape, map: map, extent: extent, sampling: sampling, tiebreak: tiebreak,
            workers: workers))
}

/// Every output by its own taps.
private struct ObliqueVote: ElementLoop {
    let source: Shape
    let map: Affine
    let extent: SIMD3<Int>
    let sampling: Sampling
    let tiebreak: Tiebreak
    let workers: Workers

    func callAsFunction<Element: StoredElement>(_ values: UnsafeBufferPointer<Element>) -> Tensor {
        let shape = Shape(n: source.n, extent: extent, c: source.c)
        return Tensor(shape) { out in
            nonisolated(unsafe) let (out, values) = (out, values)
            forEachIndex(shape.n * shape.d, workers) { unit in
                let (n, k) = unit.quotientAndRemainder(dividingBy: shape.d)
                let ballot = Ballot(values.baseAddress! + n * source.sampleCount, source, tiebreak)
                for j in 0..<shape.h {
                    let line = Line(map, j, k)
                    for i in 0..<shape.w {
                        let (p, size) = (line(i), source.extent)
                        let x = LabelTaps(p.x, false, size.x, sampling)
                        let y = LabelTaps(p.y, false, size.y, sampling)
                        let z = LabelTaps(p.z, false, size.z, sampling)
                        let place = out.baseAddress! + shape.offset(n: n, d: k, h: j, w: i)
                        for c in 0..<shape.c { place[c] = ballot.winner(x, y, z, c) }
                    }
                }
            }
        }
    }
}

/// nnU-Net's resampling of labels: over the slice where an axis stands apart, that axis nearest or afterwards.
func zoomedLabels(
    _ source: Tensor, to extent: SIMD3<Int>, _ zoom: Sampling.Zoom, _ tiebreak: Tiebreak, _ workers: Workers
) -> Tensor {
    func taps(_ axis: Int, _ size: Int, _ order: SplineOrder) -> [LabelTaps] {
        (0..<size).map { LabelTaps(zoom: $0, from: source.shape.extent[axis], to: size, order) }
    }
    guard let apart = zoom.apart, apart.order != .nearest,
        extent[apart.axis] != source.shape.extent[apart.axis]
    else {
        let axes = (0..<3).map { axis in
            taps(axis, extent[axis], zoom.apart?.axis == axis ? .nearest : zoom.order)
        }
        return voted(source, axes, tiebreak, workers)
    }
    // First the slices, then the axis across them.
    var slices = extent
    slices[apart.axis] = source.shape.extent[apart.axis]
    let inPlane = voted(source, (0..<3).map { taps($0, slices[$0], zoom.order) }, tiebreak, workers)
    let across = (0..<3).map { axis in
        axis == apart.axis
            ? taps(axis, extent[axis], apart.order)
            : (0..<extent[axis]).map { LabelTaps(zoom: $0, from: extent[axis], to: extent[axis], .nearest) }
    }
    return voted(inPlane, across, tiebreak, workers)
}

/// Four rows of flags a worker.
func voteWorkspaceBytes(from shape: Shape, _ workers: Workers) -> Int {
    Int(min(4 * Double(workers.count) * Double(shape.w), 0x1p62))
}

/// The two neighbours of an output along one axis.
struct LabelTaps: Hashable {
    var low = 0
    var high = 0
    var lowWeight = 1.0
    var highWeight = 0.0
    /// The neighbour that breaks ties.
    var nearest = 0
    var isInside = true

    /// By a zoom's sizes, with scipy's arithmetic, so that scores tie where its do.
    init(zoom output: Int, from count: Int, to size: Int, _ order: SplineOrder) {
        if count == size {
            (low, high, nearest) = (output, output, output)
            return
        }
        let c = (Double(output) + 0.5) * (Double(count) / Double(size)) - 0.5
        nearest = min(max(Int((c + 0.5).rounded(.down)), 0), count - 1)
        if order == .nearest { (low, high) = (nearest, nearest) } else { spread(c, count) }
    }

    /// By a coordinate. Where the lattice ends in `fill`, labels end in 0 at the field of view instead of voting
    /// with it.
    init(_ c: Double, _ isWhole: Bool, _ count: Int, _ sampling: Sampling) {
        let boundary = sampling.resolvedBoundary
        var sampling = sampling
        if boundary == .constant { sampling.continues = false }
        isInside = sampling.inside(count).contains(c)
        guard isInside else { return }
        nearest = boundary.fold(nearestIndex(c), count) ?? min(max(nearestIndex(c), 0), count - 1)
        if isWhole {
            (low, high) = (nearest, nearest)
            return
        }
        spread(c, count)
        guard c < 0 || c > Double(count - 1) else { return }
        let floor = c.rounded(.down)
        guard let before = boundary.fold(Int(floor), count), let behind = boundary.fold(Int(floor) + 1, count)
        else { return }
        (low, high, highWeight) = (before, behind, c - floor)
        lowWeight = 1 - highWeight
    }

    private mutating func spread(_ c: Double, _ count: Int) {
        let inside = min(max(c, 0), Double(count - 1))
        low = Int(inside)
        high = min(low + 1, count - 1)
        lowWeight = 1 - (inside - Double(low))
        highWeight = 1 - lowWeight
    }
}

/// Every output of three tables of taps: x, y, z.
private func voted(_ source: Tensor, _ axes: [[LabelTaps]], _ tiebreak: Tiebreak, _ workers: Workers)
    -> Tensor
{
    source.withElements(AlignedVote(source: source.shape, axes: axes, tiebreak: tiebreak, workers: workers))
}

private struct AlignedVote: ElementLoop {
    let source: Shape
    let axes: [[LabelTaps]]
    let tiebreak: Tiebreak
    let workers: Workers

    func callAsFunction<Element: StoredElement>(_ values: UnsafeBufferPointer<Element>) -> Tensor {
        let extent = SIMD3(axes[0].count, axes[1].count, axes[2].count)
        let shape = Shape(n: source.n, extent: extent, c: source.c)
        let (xs, ys, zs) = (axes[0], axes[1], axes[2])
        return Tensor(shape) { out in
            nonisolated(unsafe) let (out, values) = (out, values)
            forEachIndex(shape.n * shape.d, workers) { unit in
                let (n, k) = unit.quotientAndRemainder(dividingBy: shape.d)
                let ballot = Ballot(values.baseAddress! + n * source.sampleCount, source, tiebreak)
                withUnsafeTemporaryAllocation(of: Float.self, capacity: source.w) { agreed in
                    for j in 0..<shape.h {
                        for c in 0..<shape.c {
                            let row = out.baseAddress! + (shape.offset(n: n, d: k, h: j, w: 0) + c)
                            ballot.vote(xs, ys[j], zs[k], c, agreed.baseAddress!, into: row)
                        }
                    }
                }
            }
        }
    }
}

/// The votes of one sample.
private struct Ballot<Element: StoredElement> {
    let values: UnsafePointer<Element>
    let shape: Shape
    let tiebreak: Tiebreak

    init(_ values: UnsafePointer<Element>, _ shape: Shape, _ tiebreak: Tiebreak) {
        (self.values, self.shape, self.tiebreak) = (values, shape, tiebreak)
    }

    /// A row of outputs. `agreed` holds, for each voxel along x, the label that its two or four rows share.
    func vote(
        _ xs: [LabelTaps], _ y: LabelTaps, _ z: LabelTaps, _ channel: Int,
        _ agreed: UnsafeMutablePointer<Float>, into row: UnsafeMutablePointer<Float>
    ) {
        let c = shape.c
        guard y.isInside, z.isInside else {
            for i in 0..<xs.count { row[i &* c] = 0 }
            return
        }
        func start(_ z: Int, _ y: Int) -> UnsafePointer<Element> {
            values + (shape.offset(d: z, h: y, w: 0) + channel)
        }
        let rows = (start(z.low, y.low), start(z.low, y.high), start(z.high, y.low), start(z.high, y.high))
        if c == 1 {
            share(rows, 1, agreed)
        } else {
            share(rows, c, agreed)
        }
        xs.withUnsafeBufferPointer { xs in
            for i in 0..<xs.count {
                let label = agreed[xs[i].low]
                if label == agreed[xs[i].high], xs[i].isInside {
                    row[i &* c] = label
                } else {
                    row[i &* c] = winner(xs[i], y, z, channel)
                }
            }
        }
    }

    @inline(__always)
    private func share(
        _ rows: (
            UnsafePointer<Element>, UnsafePointer<Element>, UnsafePointer<Element>, UnsafePointer<Element>
        ), _ c: Int, _ agreed: UnsafeMutablePointer<Float>
    ) {
        for i in 0..<shape.w {
            let x = rows.0[i &* c].float
            let (b, d, e) = (rows.1[i &* c].float, rows.2[i &* c].float, rows.3[i &* c].float)
            // NaN equals nothing, itself included. No shortcuts, so that the loop stays one of vectors.
            let bits =
                (x.bitPattern ^ b.bitPattern) | (x.bitPattern ^ d.bitPattern) | (x.bitPattern ^ e.bitPattern)
            agreed[i] = bits == 0 ? x : .nan
        }
    }

    /// One output.
    func winner(_ x: LabelTaps, _ y: LabelTaps, _ z: LabelTaps, _ channel: Int) -> Float {
        guard x.isInside, y.isInside, z.isInside else { return 0 }
        func label(_ z: Int, _ y: Int, _ x: Int) -> Float {
            values[shape.offset(d: z, h: y, w: x, c: channel)].float
        }
        let labels = SIMD8(
            label(z.low, y.low, x.low), label(z.low, y.low, x.high), label(z.low, y.high, x.low),
            label(z.low, y.high, x.high), label(z.high, y.low, x.low), label(z.high, y.low, x.high),
            label(z.high, y.high, x.low), label(z.high, y.high, x.high))
        let rows = SIMD4(
            z.lowWeight * y.lowWeight, z.lowWeight * y.highWeight, z.highWeight * y.lowWeight,
            z.highWeight * y.highWeight)
        let weights = SIMD8(
            rows[0] * x.lowWeight, rows[0] * x.highWeight, rows[1] * x.lowWeight, rows[1] * x.highWeight,
            rows[2] * x.lowWeight, rows[2] * x.highWeight, rows[3] * x.lowWeight, rows[3] * x.highWeight)
        let nearest = label(z.nearest, y.nearest, x.nearest)
        if let winner = winnerOfTwo(labels, weights, nearest) { return winner }
        var scores = SIMD8<Double>.zero
        for voter in 0..<8 {
            // Bits of a Float mask do not fit Double lanes; each voter adds to the labels that equal its own.
            for place in 0..<8 where labels[place] == labels[voter] { scores[place] += weights[voter] }
        }
        if tiebreak == .threshold {
            var best: Float?
            for place in 0..<8 where scores[place] >= 0.5 { best = max(best ?? labels[place], labels[place]) }
            return best ?? 0
        }
        let top = scores.max()
        var (lowest, highest, isNearestTop) = (Float.infinity, -Float.infinity, false)
        for place in 0..<8 where scores[place] == top {
            lowest = min(lowest, labels[place])
            highest = max(highest, labels[place])
            isNearestTop = isNearestTop || labels[place] == nearest
        }
        return tiebreak == .highest ? highest : tiebreak == .nearest && isNearestTop ? nearest : lowest
    }

    /// Where no third label is among them, as along most borders: two sums are all there is to know.
    @inline(__always)
    private func winnerOfTwo(_ labels: SIMD8<Float>, _ weights: SIMD8<Double>, _ nearest: Float) -> Float? {
        var (low, high) = (labels[0], labels[0])
        for voter in 1..<8 { (low, high) = (min(low, labels[voter]), max(high, labels[voter])) }
        var (lowScore, highScore, voters) = (0.0, 0.0, 0)
        for voter in 0..<8 {
            let (isLow, isHigh) = (labels[voter] == low, labels[voter] == high)
            lowScore += isLow ? weights[voter] : 0
            highScore += isHigh ? weights[voter] : 0
            voters &+= isLow || isHigh ? 1 : 0
        }
        if voters < 8 { return nil }
        switch tiebreak {
        case .threshold: return highScore >= 0.5 ? high : lowScore >= 0.5 ? low : 0
        case _ where lowScore != highScore: return lowScore > highScore ? low : high
        case .highest: return high
        case .nearest where nearest == low || nearest == high: return nearest
        default: return low
        }
    }
}
