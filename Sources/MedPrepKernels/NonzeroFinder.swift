package import MedPrepCore

/// Finds the box of what is finite and not 0 while a scan of one channel is read and at hand, so that nobody need fetch the
/// rows around the head again.
package final class NonzeroFinder: @unchecked Sendable {
    // Guarded by its reader: a slot is one thread's at a time, and `box` is asked when all are done.
    private let found: UnsafeMutableBufferPointer<Ends>
    private let extent: SIMD3<Int>

    /// The ends of the box so far along x, y and z.
    private struct Ends {
        var (left, top, front) = (Int.max, Int.max, Int.max)
        var (right, bottom, back) = (0, 0, 0)
    }

    package init(in extent: SIMD3<Int>, slots: Int = 1) {
        self.extent = extent
        found = .allocate(capacity: slots)
        found.initialize(repeating: Ends())
    }

    deinit { found.deallocate() }

    /// Looks at numbers of a type of 8 or 16 bits, in this machine's byte order.
    ///
    /// - Parameter first: index of the first of them in the scan.
    package func add(_ bytes: UnsafeRawBufferPointer, of type: ElementType, at first: Int, slot: Int = 0) {
        switch type {
        case .uint8: look(at: bytes.bindMemory(to: UInt8.self), from: first, slot)
        case .int8: look(at: bytes.bindMemory(to: Int8.self), from: first, slot)
        case .uint16: look(at: bytes.bindMemory(to: UInt16.self), from: first, slot)
        default: look(at: bytes.bindMemory(to: Int16.self), from: first, slot)
        }
    }

    /// Looks at values.
    package func add(_ values: UnsafeBufferPointer<Float>, at first: Int, slot: Int = 0) {
        look(at: values, from: first, slot)
    }

    /// Of all that was added; nil: all is 0.
    package var box: Box? {
        var all = Ends()
        for ends in found {
            (all.left, all.right) = (min(all.left, ends.left), max(all.right, ends.right))
            (all.top, all.bottom) = (min(all.top, ends.top), max(all.bottom, ends.bottom))
            (all.front, all.back) = (min(all.front, ends.front), max(all.back, ends.back))
        }
        if all.right == 0 { return nil }
        return Box(
            lower: SIMD3(all.left, all.top, all.front), upper: SIMD3(all.right, all.bottom, all.back))
    }

    private func look<Element: StoredElement>(
        at values: UnsafeBufferPointer<Element>, from first: Int, _ slot: Int
    ) {
        guard let start = values.baseAddress else { return }
        var (row, x) = first.quotientAndRemainder(dividingBy: extent.x)
        var (next, ends) = (0, found[slot])
        while next < values.count {
            let (z, y) = row.quotientAndRemainder(dividingBy: extent.y)
            let end = min(x + values.count - next, extent.x)
            let line = start + (next - x)
            // In a row of the box, only what lies beside the box can change it.
            let isInside = ends.front <= z && z < ends.back && ends.top <= y && y < ends.bottom
            let before = isInside ? max(x, min(ends.left, end)) : end
            let offset = firstSelected(line + x, before - x, 1, .nonzero)
            if let offset {
                (ends.left, ends.right) = (min(ends.left, x + offset), max(ends.right, x + offset + 1))
                (ends.top, ends.bottom) = (min(ends.top, y), max(ends.bottom, y + 1))
                (ends.front, ends.back) = (min(ends.front, z), max(ends.back, z + 1))
            }
            if offset != nil || isInside {
                let behind = min(end, max(x, ends.right))
                ends.right = lastSelected(line, behind..<end, 1, .nonzero).map { $0 + 1 } ?? ends.right
            }
            next += end - x
            (row, x) = (row + 1, 0)
        }
        found[slot] = ends
    }
}
