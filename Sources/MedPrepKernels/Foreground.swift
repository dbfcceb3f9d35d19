package import MedPrepCore

/// Which values count as foreground. A value that is not finite never does.
package enum ForegroundRule: Hashable, Sendable {
    case nonzero
    case above(Float)
}

extension Tensor {
    /// The smallest box that holds every selected voxel of any sample and any of `channels` (nil: all); nil: none.
    ///
    /// Numbers of a file are looked at as they are.
    package func boundingBox(of selection: ForegroundRule, channels: [Int]? = nil, _ workers: Workers) -> Box?
    {
        let isWhole = channels.map { $0.sorted() == Array(0..<shape.c) } ?? true
        if isWhole, let known = nonzeroBox,
            selection == .nonzero || selection == .above(0) && !known.hasNegative
        {
            return known.box
        }
        return withElements(
            BoxSearch(shape: shape, selection: selection, channels: channels, workers: workers))
    }
}

private struct BoxSearch: ElementLoop {
    let shape: Shape
    let selection: ForegroundRule
    let channels: [Int]?
    let workers: Workers

    func callAsFunction<Element: StoredElement>(_ values: UnsafeBufferPointer<Element>) -> Box? {
        // Side by side, all channels of a row are one row of values.
        let isJoined = channels.map { $0.sorted() == Array(0..<shape.c) } ?? true
        let (chosen, width) = (isJoined ? [0] : channels ?? [], isJoined ? shape.c : 1)
        let (planes, count) = (shape.n * shape.d, shape.h * shape.w * shape.c)
        let found: [Box?] = Array(unsafeUninitializedCapacity: planes) { results, initialized in
            // Each plane is written once.
            nonisolated(unsafe) let (results, values) = (results, values)
            forEachIndex(planes, workers) { plane in
                let rows = UnsafeBufferPointer(rebasing: values[plane * count..<(plane + 1) * count])
                (results.baseAddress! + plane).initialize(
                    to: planeBox(rows, shape, selection, chosen, width, plane: plane % shape.d))
            }
            initialized = planes
        }
        return found.reduce(nil) { (joined: Box?, box) in
            guard let joined, let box else { return joined ?? box }
            return joined.joined(with: box)
        }
    }
}

/// - Parameters:
///   - channels: the first of each run of channels.
///   - width: channels of a run: 1 or all.
private func planeBox<Element: StoredElement>(
    _ values: UnsafeBufferPointer<Element>, _ shape: Shape, _ selection: ForegroundRule, _ channels: [Int],
    _ width: Int, plane: Int
) -> Box? {
    let count = shape.w * width
    let stride = width == shape.c ? 1 : shape.c
    /// The first selected voxel of row j, before `end`.
    func first(_ j: Int, before end: Int) -> Int? {
        var found: Int?
        for c in channels {
            let row = values.baseAddress! + (j * shape.w * shape.c + c)
            let voxel = firstSelected(row, (found ?? end) * width, stride, selection).map { $0 / width }
            found = voxel ?? found
        }
        return found
    }
    /// The last selected voxel of row j, from `start` on.
    func last(_ j: Int, from start: Int) -> Int? {
        var found: Int?
        for c in channels {
            let row = values.baseAddress! + (j * shape.w * shape.c + c)
            let range = (found ?? start) * width..<count
            let voxel = lastSelected(row, range, stride, selection).map { $0 / width }
            found = voxel ?? found
        }
        return found
    }
    var top = 0
    while top < shape.h, first(top, before: shape.w) == nil { top += 1 }
    if top == shape.h { return nil }
    var bottom = shape.h - 1
    while bottom > top, first(bottom, before: shape.w) == nil { bottom -= 1 }
    // Between them, what lies beside the box so far decides.
    var (left, right) = (shape.w, 0)
    for j in top...bottom {
        left = first(j, before: left) ?? left
        right = last(j, from: right).map { $0 + 1 } ?? right
    }
    return Box(lower: SIMD3(left, top, plane), upper: SIMD3(right, bottom + 1, plane + 1))
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
func firstSelected<Element: StoredElement>(
    _ row: UnsafePointer<Element>, _ count: Int, _ stride: Int, _ selection: ForegroundRule
) -> Int? {
    var i = 0
    if stride == 1, case .nonzero = selection {
        // Background is zeros of either sign.
        let run = 32 / MemoryLayout<Element>.size
        while i &+ run <= count, areZero(row + i, Element.magnitudes) { i &+= run }
        if i &+ run / 2 <= count, areHalfZero(row + i, Element.magnitudes) { i &+= run / 2 }
    }
    while i < count {
        if selection.selects(row[i &* stride].float) { return i }
        i &+= 1
    }
    return nil
}

/// The last index in the range that is selected; nil: there is none.
func lastSelected<Element: StoredElement>(
    _ row: UnsafePointer<Element>, _ range: Range<Int>, _ stride: Int, _ selection: ForegroundRule
) -> Int? {
    var end = range.upperBound
    if stride == 1, case .nonzero = selection {
        let run = 32 / MemoryLayout<Element>.size
        while end &- run >= range.lowerBound, areZero(row + (end &- run), Element.magnitudes) { end &-= run }
        if end &- run / 2 >= range.lowerBound, areHalfZero(row + (end &- run / 2), Element.magnitudes) {
            end &-= run / 2
        }
    }
    while end > range.lowerBound {
        end &-= 1
        if selection.selects(row[end &* stride].float) { return end }
    }
    return nil
}
