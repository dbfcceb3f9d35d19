import MedPrepCore

/// The loops of `zoomed`. `u` and `v` are the axes of a slice, `u` the faster one.
struct Zoom<Element: StoredElement> {
    let source: UnsafePointer<Element>
    let sourceShape: Shape
    let result: UnsafeMutablePointer<Float>
    let shape: Shape
    let u: ZoomAxis
    let v: ZoomAxis
    let across: ZoomAxis
    /// Value offsets from one voxel to the next along u, v and across, in the source and in the result.
    let from: SIMD3<Int>
    let to: SIMD3<Int>
    /// What the result is limited to, by sample and channel; nil: the range of each slice.
    let ranges: [[Extremes]]?
    /// Takes the place of values that are not finite; nil: none are.
    let fill: Float?

    /// Vectors of columns that are read together.
    private static var lanes: Int { 4 }

    init(
        source: UnsafePointer<Element>, sourceShape: Shape, result: UnsafeMutablePointer<Float>, shape: Shape,
        zoom: Sampling.Zoom, ranges: [[Extremes]]?, fill: Float?
    ) {
        (self.source, self.sourceShape, self.result, self.shape) = (source, sourceShape, result, shape)
        (self.ranges, self.fill) = (ranges, fill)
        let third = zoom.apart?.axis ?? 2
        let places = SIMD3(third == 0 ? 1 : 0, third == 2 ? 1 : 2, third)
        func axis(_ place: Int, _ order: SplineOrder) -> ZoomAxis {
            ZoomAxis(from: sourceShape.extent[place], to: shape.extent[place], order: order)
        }
        u = axis(places.x, zoom.order)
        v = axis(places.y, zoom.order)
        across = axis(third, zoom.apart?.order ?? zoom.order)
        func steps(_ shape: Shape) -> SIMD3<Int> {
            let strides = SIMD3(shape.c, shape.w * shape.c, shape.h * shape.w * shape.c)
            return SIMD3(strides[places.x], strides[places.y], strides[places.z])
        }
        (from, to) = (steps(sourceShape), steps(shape))
    }

    func run(_ workers: Workers) {
        if across.width == 1 { return runSlices(workers) }
        let plane = u.size * v.size
        // One channel of one sample at a time bounds the copy.
        let waiting = UnsafeMutablePointer<Double>.allocate(capacity: plane * across.count)
        defer { waiting.deallocate() }
        for sample in 0..<shape.n {
            for channel in 0..<shape.c {
                forEachIndex(across.count, workers) { slice in
                    withWorkspace { workspace in
                        read(sample, channel, slice, waiting + slice * plane, workspace)
                    }
                }
                forEachIndex(v.size, workers) { row in
                    withWorkspace { readAcross(sample, channel, row, waiting, $0) }
                }
            }
        }
    }

    /// Every slice that some output is, once.
    private func runSlices(_ workers: Workers) {
        let first = across.starts.indices.filter { $0 == 0 || across.starts[$0] != across.starts[$0 - 1] }
        let plane = u.size * v.size
        forEachIndex(shape.n * first.count, workers) { unit in
            let (sample, group) = unit.quotientAndRemainder(dividingBy: first.count)
            let outputs = first[group]..<(group + 1 < first.count ? first[group + 1] : across.size)
            withWorkspace { workspace in
                let values = UnsafeMutablePointer<Double>.allocate(capacity: plane)
                defer { values.deallocate() }
                for channel in 0..<shape.c {
                    read(sample, channel, across.starts[first[group]], values, workspace)
                    let range = ranges.map { $0[sample][channel] }
                    for output in outputs {
                        let place = result + (sample * shape.sampleCount + channel + output * to.z)
                        for j in 0..<v.size {
                            write(values + j * u.size, to: place + j * to.y, u.size, to.x, within: range)
                        }
                    }
                }
            }
        }
    }

    /// Values limited to a range and rounded.
    private func write(
        _ values: UnsafePointer<Double>, to place: UnsafeMutablePointer<Float>, _ count: Int, _ step: Int,
        within range: Extremes?
    ) {
        let bounds = range.flatMap { $0.isEmpty ? nil : $0 } ?? Extremes(min: -.infinity, max: .infinity)
        let (low, high) = (Double(bounds.min), Double(bounds.max))
        for i in 0..<count { place[i &* step] = Float(limited(values[i], low, high)) }
    }

    // MARK: One slice

    private func withWorkspace(_ body: (Workspace) -> Void) {
        let (wide, high) = (u.rows + u.size, max(v.rows, across.rows) * Self.lanes + Self.lanes)
        withUnsafeTemporaryAllocation(of: SIMD8<Double>.self, capacity: max(wide, high)) { lines in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: u.size * v.count) { rows in
                body(Workspace(lines: lines.baseAddress!, rows: rows.baseAddress!))
            }
        }
    }

    private struct Workspace {
        let lines: UnsafeMutablePointer<SIMD8<Double>>
        /// A slice whose rows are read and whose columns are not.
        let rows: UnsafeMutablePointer<Double>
    }

    /// A slice along u and v, limited to its own range where slices stand apart.
    private func read(
        _ sample: Int, _ channel: Int, _ slice: Int, _ values: UnsafeMutablePointer<Double>,
        _ workspace: Workspace
    ) {
        let origin = source + (sample * sourceShape.sampleCount + channel + slice * from.z)
        readRows(origin, v.isKept ? values : workspace.rows, workspace.lines)
        if !v.isKept {
            for first in stride(from: 0, to: u.size, by: 8 * Self.lanes) {
                let columns = first..<min(first + 8 * Self.lanes, u.size)
                let place = workspace.rows + first
                readColumns(v, place, u.size, columns.count, workspace.lines) { output, row in
                    (values + (output &* u.size &+ first)).update(from: row, count: columns.count)
                }
            }
        }
        guard ranges == nil else { return }
        let range = range(of: origin)
        guard !range.isEmpty else { return }
        let (low, high) = (Double(range.min), Double(range.max))
        for i in 0..<u.size * v.size { values[i] = limited(values[i], low, high) }
    }

    /// The smallest and largest finite value of a slice.
    private func range(of origin: UnsafePointer<Element>) -> Extremes {
        var range = Extremes()
        for j in 0..<v.count {
            let row = origin + j * from.y
            for i in 0..<u.count {
                let x = row[i &* from.x].float
                // False for NaN and infinity.
                guard x - x == 0 else { continue }
                range.min = x < range.min ? x : range.min
                range.max = x > range.max ? x : range.max
            }
        }
        return range
    }

    /// Along u: eight rows at a time, turned so that they stand side by side.
    private func readRows(
        _ origin: UnsafePointer<Element>, _ rows: UnsafeMutablePointer<Double>,
        _ lines: UnsafeMutablePointer<SIMD8<Double>>
    ) {
        if u.isKept {
            for j in 0..<v.count {
                let (row, out) = (origin + j * from.y, rows + j * u.size)
                for i in 0..<u.size { out[i] = sample(row[i &* from.x]) }
            }
            return
        }
        let samples = UnsafeMutableRawPointer(lines + u.padding).assumingMemoryBound(to: Double.self)
        let values = lines + u.rows
        let turned = UnsafeMutableRawPointer(values).assumingMemoryBound(to: Double.self)
        for first in stride(from: 0, to: v.count, by: 8) {
            let count = min(8, v.count - first)
            for lane in 0..<8 {
                // Lanes without a row repeat the last.
                let row = origin + (first + min(lane, count - 1)) * from.y
                for i in 0..<u.count { samples[8 &* i &+ lane] = sample(row[i &* from.x]) }
            }
            u.filter(lines, lanes: 1)
            for output in 0..<u.size { u.value(output, of: lines, lanes: 1, into: values + output) }
            for lane in 0..<count {
                let out = rows + (first + lane) * u.size
                for i in 0..<u.size { out[i] = turned[8 &* i &+ lane] }
            }
        }
    }

    /// The value as a line holds it.
    @inline(__always)
    private func sample(_ element: Element) -> Double {
        let x = element.float
        guard let fill, !(x - x == 0) else { return Double(x) }
        return Double(fill)
    }

    // MARK: Columns

    /// Columns that stand side by side, along `axis`; `take` gets each output's values.
    @inline(__always)
    private func readColumns(
        _ axis: ZoomAxis, _ place: UnsafePointer<Double>, _ stride: Int, _ count: Int,
        _ lines: UnsafeMutablePointer<SIMD8<Double>>, _ take: (Int, UnsafePointer<Double>) -> Void
    ) {
        let lanes = (count + 7) / 8
        let samples = UnsafeMutableRawPointer(lines + axis.padding * lanes).assumingMemoryBound(
            to: Double.self)
        for i in 0..<axis.count {
            let row = samples + 8 &* lanes &* i
            row.update(from: place + i &* stride, count: count)
            for spare in count..<8 * lanes { row[spare] = 0 }
        }
        axis.filter(lines, lanes: lanes)
        let values = lines + axis.rows * lanes
        let row = UnsafeRawPointer(values).assumingMemoryBound(to: Double.self)
        for output in 0..<axis.size {
            axis.value(output, of: lines, lanes: lanes, into: values)
            take(output, row)
        }
    }

    /// The axis across the slices, for one row of all of them.
    private func readAcross(
        _ sample: Int, _ channel: Int, _ row: Int, _ waiting: UnsafePointer<Double>, _ workspace: Workspace
    ) {
        let range = ranges.map { $0[sample][channel] }
        for first in stride(from: 0, to: u.size, by: 8 * Self.lanes) {
            let count = min(8 * Self.lanes, u.size - first)
            let origin = result + (sample * shape.sampleCount + channel + row * to.y + first * to.x)
            readColumns(
                across, waiting + (row * u.size + first), u.size * v.size, count, workspace.lines
            ) { output, values in
                write(values, to: origin + output &* to.z, count, to.x, within: range)
            }
        }
    }
}

/// NaN passes.
@inline(__always)
private func limited(_ x: Double, _ low: Double, _ high: Double) -> Double {
    x < low ? low : x > high ? high : x
}
