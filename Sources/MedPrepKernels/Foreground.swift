package import MedPrepCore

/// Which values count as foreground. A value that is not finite never does.
package enum ForegroundRule: Hashable, Sendable {
    case nonzero
    case above(Float)
}

extension Tensor {
    /// The smallest box that holds every selected voxel of any sample and any of `channels` (nil: all); nil: none.
    package func boundingBox(of selection: ForegroundRule, channels: [Int]? = nil, _ workers: Workers) -> Box?
    {
        let shape = shape
        let chosen = channels ?? Array(0..<shape.c)
        let planes = shape.n * shape.d
        let found: [Box?] = withUnsafeValues { values in
            Array(unsafeUninitializedCapacity: planes) { results, initialized in
                // Each plane is written once.
                nonisolated(unsafe) let (results, values) = (results, values)
                forEachIndex(planes, workers) { plane in
                    let rows = UnsafeBufferPointer(
                        rebasing: values[
                            plane * shape.h * shape.w * shape.c..<(plane + 1) * shape.h * shape.w * shape.c])
                    (results.baseAddress! + plane).initialize(
                        to: planeBox(rows, shape, selection, chosen, plane: plane % shape.d))
                }
                initialized = planes
            }
        }
        return found.reduce(nil) { (joined: Box?, box) in
            guard let joined, let box else { return joined ?? box }
            return Box(
                lower: pointwiseMin(joined.lower, box.lower), upper: pointwiseMax(joined.upper, box.upper))
        }
    }
}

private func planeBox(
    _ values: UnsafeBufferPointer<Float>, _ shape: Shape, _ selection: ForegroundRule, _ channels: [Int],
    plane: Int
) -> Box? {
    var (lower, upper) = (SIMD3(Int.max, Int.max, plane), SIMD3(-1, -1, plane + 1))
    for j in 0..<shape.h {
        for c in channels {
            let row = values.baseAddress! + (j * shape.w * shape.c + c)
            guard let first = firstSelected(row, 0, shape.w, 1, shape.c, selection) else { continue }
            let last = firstSelected(row, shape.w - 1, -1, -1, shape.c, selection) ?? first
            lower = SIMD3(min(lower.x, first), min(lower.y, j), plane)
            upper = SIMD3(max(upper.x, last + 1), j + 1, plane + 1)
        }
    }
    return upper.x < 0 ? nil : Box(lower: lower, upper: upper)
}

/// The first index from `begin` on, in steps of ±1, that is selected; nil when `end` comes first.
private func firstSelected(
    _ row: UnsafePointer<Float>, _ begin: Int, _ end: Int, _ step: Int, _ stride: Int,
    _ selection: ForegroundRule
) -> Int? {
    var i = begin
    switch selection {
    case .nonzero:
        while i != end {
            let x = row[i &* stride]
            if x != 0 && x - x == 0 { return i }
            i &+= step
        }
    case .above(let bound):
        while i != end {
            let x = row[i &* stride]
            if x > bound && x < .infinity { return i }
            i &+= step
        }
    }
    return nil
}
