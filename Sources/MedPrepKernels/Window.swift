import CMedPrepKernels
import MedPrepCore

extension Gather {
    /// Row by row: output x runs along input x. One memory copy a row where its voxels follow each other.
    func rows(_ workers: Workers) {
        let (x, y, z, c) = (tables[0], tables[1], tables[2], shape.c)
        let step = x.step
        let count = x.offsets.count
        let perSample = y.offsets.count * z.offsets.count
        let block = 32
        let blocks = (perSample + block - 1) / block
        // Memory foresees rows that follow each other; those of a box and those that run backwards are fetched.
        let isForeseen = step == c && y.step == count * c
        let (low, high) = (x.offsets.min() ?? 0, (x.offsets.max() ?? -1) + c)
        forEachIndex(shape.n * blocks, workers) { unit in
            let (sample, first) = (unit / blocks, unit % blocks * block)
            for row in first..<min(first + block, perSample) {
                let (k, j) = row.quotientAndRemainder(dividingBy: y.offsets.count)
                let from = source + sample * sourceCount + y.offsets[j] + z.offsets[k]
                let to =
                    result
                    + shape.offset(
                        n: sample, d: z.valid.lowerBound + k, h: y.valid.lowerBound + j, w: x.valid.lowerBound
                    )
                if !isForeseen, j + Self.rowsAhead < y.offsets.count {
                    let next = from + (y.offsets[j + Self.rowsAhead] - y.offsets[j] + low)
                    medprep_fetch(next, (high - low) * MemoryLayout<Element>.size)
                }
                if step == c || count == 1 {
                    copyValues(from + x.offsets[0], to, count * c)
                } else if step == -1 {
                    let last = from + x.offsets[0]
                    for i in 0..<count { to[i] = last[0 &- i].float }
                } else {
                    x.offsets.withUnsafeBufferPointer { copyVoxels(from, $0, to, c) }
                }
            }
        }
    }
}

extension Gather {
    /// How many rows before its turn a row is fetched.
    private static var rowsAhead: Int { 4 }
}

/// `to[i] = from[i]`.
func copyValues<Element: StoredElement>(
    _ from: UnsafePointer<Element>, _ to: UnsafeMutablePointer<Float>, _ count: Int
) {
    if let floats = from as? UnsafePointer<Float> {
        to.initialize(from: floats, count: count)
    } else {
        for i in 0..<count { to[i] = from[i].float }
    }
}

/// `to[i] = from[offsets[i]]`, `channels` values each.
private func copyVoxels<Element: StoredElement>(
    _ from: UnsafePointer<Element>, _ offsets: UnsafeBufferPointer<Int>, _ to: UnsafeMutablePointer<Float>,
    _ channels: Int
) {
    if channels == 1 {
        for i in 0..<offsets.count { to[i] = from[offsets[i]].float }
        return
    }
    for i in 0..<offsets.count {
        for c in 0..<channels { to[i &* channels &+ c] = from[offsets[i] &+ c].float }
    }
}
