import CMedPrepKernels
import MedPrepCore

/// Interpolation along x, y and z in turn. An output block – a strip of rows through a few planes – is finished
/// while its temporaries are in the second cache. Going down the order is z, y, x; going up x, y, z: the cheaper
/// one, by the sizes alone.
struct Separable {
    /// Of what is read.
    let sourceShape: Shape
    let result: UnsafeMutablePointer<Float>
    let shape: Shape
    let x: Taps
    let y: Taps
    let z: Taps
    let fill: Float
    /// Extra voxels a row needs in front and behind, so that no tap asks where it is.
    private let padding: (before: Int, behind: Int)

    init(
        sourceShape: Shape, result: UnsafeMutablePointer<Float>, shape: Shape, x: Taps, y: Taps, z: Taps,
        fill: Float
    ) {
        (self.sourceShape, self.result, self.shape) = (sourceShape, result, shape)
        (self.x, self.y, self.z, self.fill) = (x, y, z, fill)
        let (low, high) = (x.starts.min() ?? 0, (x.starts.max() ?? 0) + x.width)
        padding = (max(0, -low), max(0, high - sourceShape.w))
    }

    /// Values a block's temporaries should not exceed: 256 KiB.
    static let blockValues = 65_536
    static let planesPerBlock = 16

    private var c: Int { shape.c }
    /// Values of an input row.
    private var rowIn: Int { sourceShape.w * c }
    /// Values of the inside part of an output row.
    private var rowOut: Int { x.inside.count * c }
    /// True where x, y, z costs fewer multiplications; those of x, which gathers, count three times.
    var startsWithX: Bool {
        func cost(_ voxels: [Int], _ taps: Int) -> Double { voxels.reduce(Double(taps)) { $0 * Double($1) } }
        let (n, m) = (sourceShape.extent, SIMD3(x.inside.count, y.inside.count, z.inside.count))
        let downwards =
            cost([n.x, n.y, m.z], z.width) + cost([n.x, m.y, m.z], y.width)
            + cost([m.x, m.y, m.z], 3 * x.width)
        let upwards =
            cost([m.x, n.y, n.z], 3 * x.width) + cost([m.x, m.y, n.z], y.width)
            + cost([m.x, m.y, m.z], z.width)
        return upwards < downwards
    }

    /// Output rows of a strip.
    private var stripRows: Int {
        let ratio = max(1, sourceShape.h / max(1, y.inside.count))
        let perRow = startsWithX ? rowOut * (z.width + 1) : rowIn * ratio
        return max(1, min(y.inside.count, Self.blockValues / max(1, perRow)))
    }

    /// Values of the temporaries of one block; an upper bound.
    var workspaceValues: Int {
        let strip = stripRows
        var span = 0
        for first in stride(from: 0, to: y.inside.count, by: strip) {
            span = max(span, y.span(first..<min(first + strip, y.inside.count)).count)
        }
        let padded = rowIn + (padding.before + padding.behind) * c
        return startsWithX
            ? padded + (span + 1) * rowOut + (z.width + 1) * strip * rowOut
            : padded + rowIn * (2 * span + 1)
    }

    func run<Element: StoredElement>(_ source: Source<Element>, _ workers: Workers) {
        let strip = stripRows
        let strips = (y.inside.count + strip - 1) / strip
        let blocks = (z.inside.count + Self.planesPerBlock - 1) / Self.planesPerBlock
        let (up, capacity) = (startsWithX, workspaceValues)
        forEachIndex(shape.n * strips * blocks, workers) { unit in
            let (rest, block) = unit.quotientAndRemainder(dividingBy: blocks)
            let (sample, part) = rest.quotientAndRemainder(dividingBy: strips)
            let rows = part * strip..<min(part * strip + strip, y.inside.count)
            let planes =
                block * Self.planesPerBlock..<min((block + 1) * Self.planesPerBlock, z.inside.count)
            source.withInput(sample, y.span(rows), z.span(planes)) { input in
                withScratch(of: Float.self, count: capacity) { workspace in
                    let workspace = workspace.baseAddress!
                    if up {
                        upwards(input, sample, rows, planes, workspace)
                    } else {
                        downwards(input, sample, rows, planes, workspace)
                    }
                }
            }
        }
    }

    private func output(_ sample: Int, _ plane: Int, _ row: Int) -> UnsafeMutablePointer<Float> {
        result
            + shape.offset(
                n: sample, d: z.inside.lowerBound + plane, h: y.inside.lowerBound + row,
                w: x.inside.lowerBound)
    }

    // MARK: z, y, x

    private func downwards(
        _ input: Input, _ sample: Int, _ rows: Range<Int>, _ planes: Range<Int>,
        _ workspace: UnsafeMutablePointer<Float>
    ) {
        let span = y.span(rows)
        let count = span.count * rowIn
        let pad = padding
        let (filled, combined) = (workspace, workspace + max(count, rowIn))
        let line = combined + count
        if z.boundary == .constant || y.boundary == .constant {
            filled.initialize(repeating: fill, count: max(count, rowIn))
        }
        var pointers = [UnsafePointer<Float>?](repeating: nil, count: max(y.width, z.width))
        for k in planes {
            for tap in 0..<z.width {
                pointers[tap] =
                    z.index(k, tap).map { input.row(span.lowerBound, ofPlane: $0) } ?? UnsafePointer(filled)
            }
            let slice = mixPlanes(k, pointers, input.rowStep, combined, span.count)
            for j in rows {
                for tap in 0..<y.width {
                    pointers[tap] =
                        y.index(j, tap).map { slice + ($0 - span.lowerBound) * rowIn }
                        ?? UnsafePointer(filled)
                }
                let inner = line + pad.before * c
                let row = mix(y, j, pointers, inner, rowIn)
                if row != UnsafePointer(inner) { inner.update(from: row, count: rowIn) }
                pass(line, into: output(sample, k, j))
            }
        }
    }

    /// The z pass over rows that follow each other by `step` values, filled ones by a row.
    private func mixPlanes(
        _ output: Int, _ planes: [UnsafePointer<Float>?], _ step: Int, _ out: UnsafeMutablePointer<Float>,
        _ rows: Int
    ) -> UnsafePointer<Float> {
        if step == rowIn { return mix(z, output, planes, out, rows * rowIn) }
        var pointers = planes
        for row in 0..<rows {
            let to = out + row * rowIn
            let mixed = mix(z, output, pointers, to, rowIn)
            if mixed != UnsafePointer(to) { to.update(from: mixed, count: rowIn) }
            for tap in 0..<z.width {
                pointers[tap] = pointers[tap].map { $0 + (z.index(output, tap) == nil ? rowIn : step) }
            }
        }
        return UnsafePointer(out)
    }

    // MARK: x, y, z

    private func upwards(
        _ input: Input, _ sample: Int, _ rows: Range<Int>, _ planes: Range<Int>,
        _ workspace: UnsafeMutablePointer<Float>
    ) {
        let span = y.span(rows)
        let pad = padding
        let slice = rows.count * rowOut
        // z.width + 1 slices, the last for the fill value; then the rows after x, a filled row, one input row.
        let filled = workspace + z.width * slice
        let narrow = filled + slice
        let filledRow = narrow + span.count * rowOut
        let line = filledRow + rowOut
        if z.boundary == .constant || y.boundary == .constant {
            filled.initialize(repeating: fill, count: slice)
            filledRow.initialize(repeating: fill, count: rowOut)
        }
        var held = [Int?](repeating: nil, count: z.width)
        var pointers = [UnsafePointer<Float>?](repeating: nil, count: max(y.width, z.width))
        let isWhole = x.inside.count == shape.w
        for k in planes {
            let wanted = (0..<z.width).map { z.index(k, $0) }
            for case let index? in wanted where !held.contains(index) {
                let slot = held.firstIndex { $0 == nil || !wanted.contains($0) } ?? 0
                held[slot] = index
                for row in span {
                    (line + pad.before * c).update(from: input.row(row, ofPlane: index), count: rowIn)
                    pass(line, into: narrow + (row - span.lowerBound) * rowOut)
                }
                for j in rows {
                    for tap in 0..<y.width {
                        pointers[tap] = UnsafePointer(
                            y.index(j, tap).map { narrow + ($0 - span.lowerBound) * rowOut } ?? filledRow)
                    }
                    let to = workspace + slot * slice + (j - rows.lowerBound) * rowOut
                    let row = mix(y, j, pointers, to, rowOut)
                    if row != UnsafePointer(to) { to.update(from: row, count: rowOut) }
                }
            }
            for tap in 0..<z.width {
                let slot = wanted[tap].flatMap { held.firstIndex(of: $0) }
                pointers[tap] = UnsafePointer(slot.map { workspace + $0 * slice } ?? filled)
            }
            // Rows that fill the output's width follow each other.
            let (runs, length) = isWhole ? (1, slice) : (rows.count, rowOut)
            for run in 0..<runs {
                let to = output(sample, k, rows.lowerBound + run)
                let row = mix(z, k, pointers, to, length)
                if row != UnsafePointer(to) { to.update(from: row, count: length) }
                for tap in 0..<z.width { pointers[tap] = pointers[tap].map { $0 + length } }
            }
        }
    }

    /// Σ weights·rows into `out`, or the row itself where there is one.
    private func mix(
        _ taps: Taps, _ output: Int, _ rows: [UnsafePointer<Float>?], _ out: UnsafeMutablePointer<Float>,
        _ count: Int
    ) -> UnsafePointer<Float> {
        if taps.width == 1, let row = rows[0] { return row }
        taps.weights.withUnsafeBufferPointer {
            medprep_combine_rows(out, rows, $0.baseAddress! + output * taps.width, Int32(taps.width), count)
        }
        return UnsafePointer(out)
    }

    /// The x pass: fills the ends of `line` and reads it.
    private func pass(_ line: UnsafeMutablePointer<Float>, into out: UnsafeMutablePointer<Float>) {
        let (pad, size) = (padding, sourceShape.w)
        let inner = line + pad.before * c
        for place in [-pad.before..<0, size..<size + pad.behind] {
            for i in place {
                let voxel = x.boundary.fold(i, size)
                for channel in 0..<c {
                    inner[i * c + channel] = voxel.map { inner[$0 * c + channel] } ?? fill
                }
            }
        }
        if x.isUniform {
            // Neighbours of all outputs lie side by side: rows that begin one voxel later each.
            let first = inner + (x.starts.first ?? 0) * c
            let rows: [UnsafePointer<Float>?] = (0..<x.width).map { UnsafePointer(first + $0 * c) }
            x.weights.withUnsafeBufferPointer {
                medprep_combine_rows(out, rows, $0.baseAddress!, Int32(x.width), rowOut)
            }
            return
        }
        x.starts.withUnsafeBufferPointer { starts in
            x.weights.withUnsafeBufferPointer { weights in
                guard let starts = starts.baseAddress, let weights = weights.baseAddress else { return }
                combineAlong(inner, starts, weights, x.width, x.inside.count, c, out)
            }
        }
    }
}

/// out[i] = Σ_k weights[i][k]·row[starts[i] + k], k = 0, 1, …, for voxels of `channels` values.
func combineAlong(
    _ row: UnsafePointer<Float>, _ starts: UnsafePointer<Int>, _ weights: UnsafePointer<Float>, _ width: Int,
    _ count: Int, _ channels: Int, _ out: UnsafeMutablePointer<Float>
) {
    switch (width, channels) {
    case (1, 1):
        for i in 0..<count { out[i] = row[starts[i]] }
    case (2, 1):
        for i in 0..<count {
            let (r, w) = (row + starts[i], weights + 2 &* i)
            out[i] = w[0] * r[0] + w[1] * r[1]
        }
    case (4, 1):
        for i in 0..<count {
            let (r, w) = (row + starts[i], weights + 4 &* i)
            out[i] = w[0] * r[0] + w[1] * r[1] + w[2] * r[2] + w[3] * r[3]
        }
    default:
        for i in 0..<count {
            for c in 0..<channels {
                let (r, w) = (row + (starts[i] &* channels &+ c), weights + width &* i)
                var sum = w[0] * r[0]
                for k in 1..<width { sum += w[k] * r[k &* channels] }
                out[i &* channels &+ c] = sum
            }
        }
    }
}
