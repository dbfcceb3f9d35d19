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
        // Side by side, all channels of a row are one row of values.
        let isJoined = channels.map { $0.sorted() == Array(0..<shape.c) } ?? true
        let (chosen, width) = (isJoined ? [0] : channels ?? [], isJoined ? shape.c : 1)
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
                        to: planeBox(rows, shape, selection, chosen, width, plane: plane % shape.d))
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

/// - Parameters:
///   - channels: the first of each run of channels.
///   - width: channels of a run: 1 or all.
private func planeBox(
    _ values: UnsafeBufferPointer<Float>, _ shape: Shape, _ selection: ForegroundRule, _ channels: [Int],
    _ width: Int, plane: Int
) -> Box? {
    let count = shape.w * width
    let stride = width == shape.c ? 1 : shape.c
    var (lower, upper) = (SIMD3(Int.max, Int.max, plane), SIMD3(-1, -1, plane + 1))
    for j in 0..<shape.h {
        for c in channels {
            let row = values.baseAddress! + (j * shape.w * shape.c + c)
            guard let first = firstSelected(row, count, stride, selection) else { continue }
            // Behind what the box holds already, the last one decides.
            let seen = max(first / width, upper.x - 1)
            let last = lastSelected(row, seen * width..<count, stride, selection).map { $0 / width } ?? seen
            lower = SIMD3(min(lower.x, first / width), min(lower.y, j), plane)
            upper = SIMD3(max(upper.x, last + 1), j + 1, plane + 1)
        }
    }
    return upper.x < 0 ? nil : Box(lower: lower, upper: upper)
}

extension ForegroundRule {
    @inline(__always)
    fileprivate func selects(_ x: Float) -> Bool {
        switch self {
        case .nonzero: x != 0 && x - x == 0
        case .above(let bound): x > bound && x < .infinity
        }
    }
}

/// The first index that is selected; nil: there is none.
private func firstSelected(
    _ row: UnsafePointer<Float>, _ count: Int, _ stride: Int, _ selection: ForegroundRule
) -> Int? {
    var i = 0
    if stride == 1, case .nonzero = selection {
        // Background is zeros of either sign: sixteen at a time.
        while i &+ 16 <= count, isZero(row + i) { i &+= 16 }
    }
    while i < count {
        if selection.selects(row[i &* stride]) { return i }
        i &+= 1
    }
    return nil
}

/// The last index in the range that is selected; nil: there is none.
private func lastSelected(
    _ row: UnsafePointer<Float>, _ range: Range<Int>, _ stride: Int, _ selection: ForegroundRule
) -> Int? {
    var end = range.upperBound
    if stride == 1, case .nonzero = selection {
        while end &- 16 >= range.lowerBound, isZero(row + (end &- 16)) { end &-= 16 }
    }
    while end > range.lowerBound {
        end &-= 1
        if selection.selects(row[end &* stride]) { return end }
    }
    return nil
}

@inline(__always)
private func isZero(_ sixteen: UnsafePointer<Float>) -> Bool {
    let bits = UnsafeRawPointer(sixteen).loadUnaligned(as: SIMD16<UInt32>.self)
    let four = bits.lowHalf | bits.highHalf
    let two = four.lowHalf | four.highHalf
    return (two[0] | two[1] | two[2] | two[3]) &<< 1 == 0
}
