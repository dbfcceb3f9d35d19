import MedPrepCore

extension Tensor {
    /// Keeps the voxels of a box, moved together where they lie: row after row, the last one first, goes to the same place or
    /// farther behind. Afterwards the rest of the memory is free.
    ///
    /// - Precondition: the box lies within. Cost: one pass over the box, no fresh memory.
    /// - Returns: false, and nothing is done, where another tensor shares the values.
    mutating func compact(to box: Box) -> Bool {
        let (before, after) = (shape, Shape(n: shape.n, extent: box.extent, c: shape.c))
        return shrinkInPlace(to: after) { from, to, size in
            let row = after.w * after.c * size
            var place = to + after.count * size
            for sample in (0..<after.n).reversed() {
                for plane in (box.lower.z..<box.upper.z).reversed() {
                    for line in (box.lower.y..<box.upper.y).reversed() {
                        let values = from + size * before.offset(n: sample, d: plane, h: line, w: box.lower.x)
                        place -= row
                        if values != UnsafeRawPointer(place) {
                            place.copyMemory(from: values, byteCount: row)
                        }
                    }
                }
            }
        }
    }
}

extension [AxisMotion] {
    /// The box of a lattice that the axes read where they only leave something out; nil: they turn, move between
    /// voxels or leave the lattice.
    func box(within extent: SIMD3<Int>) -> Box? {
        var box = Box(lower: .zero, upper: extent)
        for (axis, motion) in enumerated() {
            guard motion.axis == axis, motion.isWhole, motion.scale == 1, motion.count > 0,
                let first = Int(exactly: motion.offset), first >= 0, motion.count <= extent[axis] - first
            else { return nil }
            box.lower[axis] = first
            box.upper[axis] = first + motion.count
        }
        return box
    }
}
