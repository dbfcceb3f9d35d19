import CMedPrepKernels
import MedPrepCore

extension Gather {
    /// Tile by tile: output x runs along another input axis.
    func tiles(_ workers: Workers) {
        let along = tables[1].axis == 0 ? 1 : 2
        if shape.c == 1, let step = tables[0].step, let row = tables[along].step, abs(row) <= 1 {
            turnedTiles(across: along, xStep: step, rowStep: row, workers)
        } else {
            anyTiles(workers)
        }
    }

    /// Whole voxels of one channel, side by side, turned or mirrored: tiles are transposed in registers.
    ///
    /// - Parameters:
    ///   - across: the output axis that runs along input rows.
    ///   - xStep: values from one output voxel of a row to the next, in the source.
    ///   - rowStep: the same along `across`: 1 or −1; 0 for a single voxel.
    private func turnedTiles(across: Int, xStep: Int, rowStep: Int, _ workers: Workers) {
        // 64 input rows of 256 bytes: what the first cache holds, and as many pages as it knows.
        let size = 64
        let (x, b, t) = (tables[0], tables[across], tables[3 - across])
        let strides = [0, shape.w, shape.h * shape.w]
        let (strideB, strideT) = (strides[across], strides[3 - across])
        let (columns, rows, beyond) = (x.offsets.count, b.offsets.count, t.offsets.count)
        let blocks = (rows + size - 1) / size
        forEachIndex(shape.n * beyond * blocks, workers) { unit in
            let (rest, block) = unit.quotientAndRemainder(dividingBy: blocks)
            let (sample, third) = rest.quotientAndRemainder(dividingBy: beyond)
            // Input voxels ascend: mirrored rows are written from the last on.
            let first = block * size
            let count = min(size, rows - first)
            let (lowest, stride) = rowStep < 0 ? (rows - 1 - first, -strideB) : (first, strideB)
            let from = source + sample * sourceCount + t.offsets[third] + b.offsets[lowest] + x.offsets[0]
            let to =
                result + sample * shape.sampleCount + (t.valid.lowerBound + third) * strideT
                + (b.valid.lowerBound + lowest) * strideB + x.valid.lowerBound
            turnRows(from, xStep, count, columns, to, stride)
        }
    }

    /// `to[j·stride + i] = from[i·step + j]` for j < count and i < columns, a tile of up to 64 by 64 at a time.
    private func turnRows(
        _ from: UnsafePointer<Element>, _ step: Int, _ count: Int, _ columns: Int,
        _ to: UnsafeMutablePointer<Float>, _ stride: Int
    ) {
        let size = 64
        withUnsafeTemporaryAllocation(of: Float.self, capacity: size * size) { tile in
            guard let tile = tile.baseAddress else { return }
            for begin in Swift.stride(from: 0, to: columns, by: size) {
                let width = min(size, columns - begin)
                let rows = from + begin * step
                // The rows that come next lie far from each other.
                for i in begin + size..<max(begin + size, min(begin + 2 * size, columns)) {
                    medprep_fetch(from + i * step, count * MemoryLayout<Element>.size)
                }
                if let floats = rows as? UnsafePointer<Float> {
                    medprep_turn(to + begin, stride, floats, step, width, count)
                } else {
                    for i in 0..<width { copyValues(rows + i * step, tile + i * size, count) }
                    medprep_turn(to + begin, stride, tile, size, width, count)
                }
            }
        }
    }

    /// A tile is 32 voxels of an input row by 16 output voxels of a row, so each cache line is read and written once.
    private func anyTiles(_ workers: Workers) {
        let (width, height) = (16, 32)
        // `across` is the output axis that runs along input rows, `beyond` the third.
        let across = tables[1].axis == 0 ? 1 : 2
        let (x, b, t) = (tables[0], tables[across], tables[3 - across])
        let strides = [0, shape.w * shape.c, shape.h * shape.w * shape.c]
        let (strideB, strideT, c) = (strides[across], strides[3 - across], shape.c)
        let blocks = (b.offsets.count + height - 1) / height
        let beyond = t.offsets.count
        forEachIndex(shape.n * beyond * blocks, workers) { unit in
            let (rest, block) = unit.quotientAndRemainder(dividingBy: blocks)
            let (sample, third) = rest.quotientAndRemainder(dividingBy: beyond)
            let first = block * height
            let rows = min(height, b.offsets.count - first)
            let from = source + sample * sourceCount + t.offsets[third]
            let to =
                result + sample * shape.sampleCount + (t.valid.lowerBound + third) * strideT
                + (b.valid.lowerBound + first) * strideB + x.valid.lowerBound * c
            withUnsafeTemporaryAllocation(of: Float.self, capacity: width * height) { tile in
                let tile = tile.baseAddress!
                x.offsets.withUnsafeBufferPointer { xs in
                    b.offsets.withUnsafeBufferPointer { bs in
                        let bs = bs.baseAddress! + first
                        for begin in stride(from: 0, to: xs.count, by: width) {
                            let columns = min(width, xs.count - begin)
                            let xs = xs.baseAddress! + begin
                            if c == 1 {
                                copyTile(from, xs, columns, bs, rows, tile, to + begin, strideB)
                            } else {
                                copyTile(from, xs, columns, bs, rows, c, to + begin * c, strideB)
                            }
                        }
                    }
                }
            }
        }
    }
}

/// One channel: input rows go into the tile, then out of it by columns.
private func copyTile<Element: StoredElement>(
    _ from: UnsafePointer<Element>, _ xs: UnsafePointer<Int>, _ columns: Int, _ bs: UnsafePointer<Int>,
    _ rows: Int,
    _ tile: UnsafeMutablePointer<Float>, _ to: UnsafeMutablePointer<Float>, _ stride: Int
) {
    for i in 0..<columns {
        let (row, line) = (from + xs[i], tile + i &* 32)
        for j in 0..<rows { line[j] = row[bs[j]].float }
    }
    for j in 0..<rows {
        let (line, column) = (to + j &* stride, tile + j)
        for i in 0..<columns { line[i] = column[i &* 32] }
    }
}

/// Several channels: voxels are long enough to go straight.
private func copyTile<Element: StoredElement>(
    _ from: UnsafePointer<Element>, _ xs: UnsafePointer<Int>, _ columns: Int, _ bs: UnsafePointer<Int>,
    _ rows: Int,
    _ channels: Int, _ to: UnsafeMutablePointer<Float>, _ stride: Int
) {
    for j in 0..<rows {
        let (row, line) = (from + bs[j], to + j &* stride)
        for i in 0..<columns {
            let voxel = row + xs[i]
            for c in 0..<channels { line[i &* channels &+ c] = voxel[c].float }
        }
    }
}
