import MedPrepCore

/// A B-spline along x, y and z in turn.
func splined(
    _ source: Tensor, _ axes: [SplineAxis], to extent: SIMD3<Int>, fill: Float, hides: Bool,
    _ workers: Workers
) -> Tensor {
    let shape = Shape(n: source.shape.n, extent: extent, c: source.shape.c)
    return source.withUnsafeValues { values in
        Tensor(shape) { out in
            SplinePasses(source.shape, to: out, shape, axes, fill: fill, hides: hides)
                .run(values.baseAddress!, workers)
        }
    }
}

/// A B-spline where axes stay axes: each axis is filtered and read in one go. Planes go through x, then y, while the
/// second cache holds them; columns of planes then go through z.
///
/// What is done along x and y waits where the result will be, for a column is read whole before its outputs are
/// written; only planes that the result has no room for wait elsewhere.
struct SplinePasses: ~Copyable {
    private let sourceShape: Shape
    private let result: UnsafeMutablePointer<Float>
    private let shape: Shape
    private let x: SplineAxis
    private let y: SplineAxis
    private let z: SplineAxis
    private let fill: Float
    private let hides: Bool
    /// Planes that the result has no room for, of one sample.
    private let waiting: PooledMemory
    private let copies: PlaneCopies

    /// - Parameters:
    ///   - out: all values of the result.
    ///   - hides: true: non-finite samples are read as `fill`.
    init(
        _ sourceShape: Shape, to out: UnsafeMutableBufferPointer<Float>, _ shape: Shape, _ axes: [SplineAxis],
        fill: Float, hides: Bool
    ) {
        (self.sourceShape, result, self.shape) = (sourceShape, out.baseAddress!, shape)
        (x, y, z, self.fill, self.hides) = (axes[0], axes[1], axes[2], fill, hides)
        copies = PlaneCopies(axes[2], planes: sourceShape.d)
        let waits = !axes[2].isCopied && !axes.contains(where: \.inside.isEmpty)
        let planes = waits ? max(0, sourceShape.d - shape.d) : 0
        waiting = PooledMemory(planes * shape.h * shape.w * shape.c * MemoryLayout<Float>.stride)
    }

    /// Rows that go through x together, and their outputs that turn back together.
    private static let rowsPerTile = 32
    /// Columns that go through y or z together.
    private static let columnsPerBlock = 64

    private var c: Int { shape.c }
    /// Values of a row of the result, and of its part inside the field of view.
    private var rowCount: Int { shape.w * c }
    private var insideCount: Int { x.inside.count * c }
    private var planeCount: Int { shape.h * shape.w * c }

    func run(_ source: UnsafePointer<Float>, _ workers: Workers) {
        for sample in 0..<shape.n {
            forEachIndex(sourceShape.d, workers) { k in
                let plane = sample * sourceShape.d + k
                take(k, sample, source + plane * sourceShape.h * sourceShape.w * c)
            }
            finish(sample, workers)
        }
    }

    /// The part of one plane of the source: x and y. Planes may be taken at one time, in any order.
    func take(_ index: Int, _ sample: Int, _ values: UnsafePointer<Float>) {
        if seesNothing { return }
        guard z.isCopied else { return readPlane(values, into: middle(sample, index)) }
        let places = copies.places(of: index)
        guard let first = places.first.map({ plane(sample, $0) }) else { return }
        readPlane(values, into: first)
        // All of the plane: what lies outside the field of view is filled at the end.
        for place in places.dropFirst() {
            plane(sample, place).initialize(from: first, count: planeCount)
        }
    }

    /// What is left to do when all planes of a sample are taken: z, and what lies outside the field of view.
    func finish(_ sample: Int, _ workers: Workers) {
        if seesNothing {
            let out = UnsafeMutableBufferPointer(start: plane(sample, 0), count: shape.sampleCount)
            return fillAll(out, fill, workers)
        }
        if z.isCopied {
            for place in copies.filled { plane(sample, place).initialize(repeating: fill, count: planeCount) }
        } else {
            readColumns(sample, workers)
        }
        fillOutside(sample, workers)
    }

    /// True where no voxel of the result lies inside the field of view.
    private var seesNothing: Bool { x.inside.isEmpty || y.inside.isEmpty || z.inside.isEmpty }

    /// Values that are needed besides source and result, at most.
    static func workspaceValues(
        _ lattices: [Lattice], to extent: SIMD3<Int>, channels: Int, copiesZ: Bool, _ workers: Workers
    ) -> Double {
        let (c, m) = (Double(channels), SIMD3<Double>(extent))
        let waiting = copiesZ ? 0 : max(0, Double(lattices[2].voxels) - m.z) * m.x * m.y * c
        let lanes = Double(max(rowsPerTile, channels))
        let rows = Double(lattices[0].size + rowsPerTile) * lanes
        let columns = Double(max(lattices[1].size, lattices[2].size)) * Double(columnsPerBlock)
        let plane = Double(lattices[1].voxels) * m.x * c
        return waiting + Double(workers.count) * (plane + max(rows, columns))
    }

    private func plane(_ sample: Int, _ index: Int) -> UnsafeMutablePointer<Float> {
        result + sample * shape.sampleCount + index * planeCount
    }

    /// Where a plane waits for z.
    private func middle(_ sample: Int, _ index: Int) -> UnsafeMutablePointer<Float> {
        if index < shape.d { return plane(sample, index) }
        return waiting.bytes.bindMemory(to: Float.self).baseAddress! + (index - shape.d) * planeCount
    }

    // MARK: x and y

    private func readPlane(_ from: UnsafePointer<Float>, into place: UnsafeMutablePointer<Float>) {
        let height = sourceShape.h
        let rowIn = sourceShape.w * c
        let together = max(1, Self.rowsPerTile / c)
        let tile = max((x.rows + Self.rowsPerTile) * together * c, y.rows * Self.columnsPerBlock)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: height * insideCount + tile) { workspace in
            let narrow = workspace.baseAddress!
            let tile = narrow + height * insideCount
            for first in stride(from: 0, to: height, by: together) {
                let (rows, to) = (from + first * rowIn, narrow + first * insideCount)
                readRows(rows, min(together, height - first), tile, into: to)
            }
            let origin = place + y.inside.lowerBound * rowCount + x.inside.lowerBound * c
            if y.isCopied {
                for j in y.inside.indices {
                    let row = origin + (j - y.inside.lowerBound) * rowCount
                    if let voxel = y.taps.index(j - y.inside.lowerBound, 0) {
                        row.initialize(from: narrow + voxel * insideCount, count: insideCount)
                    } else {
                        row.initialize(repeating: fill, count: insideCount)
                    }
                }
                return
            }
            for first in stride(from: 0, to: insideCount, by: Self.columnsPerBlock) {
                let lanes = min(Self.columnsPerBlock, insideCount - first)
                let samples = y.samples(tile, lanes: lanes)
                for j in 0..<height {
                    (samples + j * lanes).initialize(from: narrow + (j * insideCount + first), count: lanes)
                }
                y.filter(tile, lanes: lanes)
                let to = origin + first
                let next = SplineAxis.Next(first: to + lanes, stride: rowCount, count: lanes)
                y.read(
                    0..<y.inside.count, of: tile, lanes: lanes, into: to, stride: rowCount, fetching: next)
            }
        }
    }

    private func readRows(
        _ rows: UnsafePointer<Float>, _ count: Int, _ tile: UnsafeMutablePointer<Float>,
        into place: UnsafeMutablePointer<Float>
    ) {
        let (width, rowIn, lanes) = (sourceShape.w, sourceShape.w * c, count * c)
        if x.isCopied {
            for row in 0..<count {
                let (line, to) = (rows + row * rowIn, place + row * insideCount)
                for i in 0..<x.inside.count {
                    let voxel = x.taps.index(i, 0)
                    for channel in 0..<c {
                        to[i * c + channel] = voxel.map { line[$0 * c + channel] } ?? fill
                    }
                }
            }
            if hides { hide(place, count * insideCount) }
            return
        }
        let samples = x.samples(tile, lanes: lanes)
        turnIn(rows, count, stride: rowIn, size: width, channels: c, samples)
        if hides { hide(samples, width * lanes) }
        x.filter(tile, lanes: lanes)
        let values = tile + x.rows * lanes
        // The rows behind come next: a share of them with each output.
        let (behind, share) = (rows + count * rowIn, (count * rowIn + x.inside.count - 1) / x.inside.count)
        for first in stride(from: 0, to: x.inside.count, by: Self.rowsPerTile) {
            let outputs = first..<min(first + Self.rowsPerTile, x.inside.count)
            let next = SplineAxis.Next(first: behind + first * share, stride: share, count: share)
            x.read(outputs, of: tile, lanes: lanes, into: values, stride: lanes, fetching: next)
            let to = place + first * c
            turnOut(values, count, stride: insideCount, size: outputs.count, channels: c, to)
        }
    }

    private func hide(_ values: UnsafeMutablePointer<Float>, _ count: Int) {
        for i in 0..<count { values[i] = values[i].isFinite ? values[i] : fill }
    }

    // MARK: z

    private func readColumns(_ sample: Int, _ workers: Workers) {
        // Rows that fill the result's width follow each other.
        let isWhole = x.inside.count == shape.w
        let (runs, length) = isWhole ? (1, y.inside.count * rowCount) : (y.inside.count, insideCount)
        let blocks = (length + Self.columnsPerBlock - 1) / Self.columnsPerBlock
        let origin = y.inside.lowerBound * rowCount + x.inside.lowerBound * c
        forEachIndex(runs * blocks, workers) { unit in
            let (run, block) = unit.quotientAndRemainder(dividingBy: blocks)
            let first = block * Self.columnsPerBlock
            let lanes = min(Self.columnsPerBlock, length - first)
            let offset = origin + run * rowCount + first
            withUnsafeTemporaryAllocation(of: Float.self, capacity: z.rows * lanes) { tile in
                let tile = tile.baseAddress!
                let samples = z.samples(tile, lanes: lanes)
                for k in 0..<sourceShape.d {
                    let from = middle(sample, k) + offset
                    (samples + k * lanes).initialize(from: from, count: lanes)
                }
                z.filter(tile, lanes: lanes)
                let to = plane(sample, z.inside.lowerBound) + offset
                let next = SplineAxis.Next(first: to + lanes, stride: planeCount, count: lanes)
                z.read(
                    0..<z.inside.count, of: tile, lanes: lanes, into: to, stride: planeCount, fetching: next)
            }
        }
    }

    // MARK: Outside the field of view

    private func fillOutside(_ sample: Int, _ workers: Workers) {
        let (w, h, d) = (x.inside, y.inside, z.inside)
        if w == 0..<shape.w, h == 0..<shape.h, d == 0..<shape.d { return }
        forEachIndex(shape.d, workers) { index in
            let place = plane(sample, index)
            func fill(_ rows: Range<Int>, _ voxels: Range<Int>) {
                for row in rows {
                    let first = place + row * rowCount + voxels.lowerBound * c
                    first.initialize(repeating: self.fill, count: voxels.count * c)
                }
            }
            guard d.contains(index) else { return fill(0..<shape.h, 0..<shape.w) }
            fill(0..<h.lowerBound, 0..<shape.w)
            fill(h.upperBound..<shape.h, 0..<shape.w)
            fill(h, 0..<w.lowerBound)
            fill(h, w.upperBound..<shape.w)
        }
    }
}
