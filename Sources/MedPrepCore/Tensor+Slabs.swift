extension Shape {
    /// How the values are cut for loops and sums: runs of whole voxels, about `voxelsPerSlab` each, none across
    /// two samples. The shape alone decides, so a sum joined in slab order has the same bits on any number of
    /// workers.
    package var slabs: Slabs { Slabs(shape: self) }
}

/// The slabs of a shape, as ranges of value offsets.
package struct Slabs: RandomAccessCollection, Sendable {
    /// 32,768 voxels: a slab of one channel is 128 KiB, which a core's second cache holds.
    package static let voxelsPerSlab = 32_768

    private let shape: Shape
    /// Slabs of one sample.
    package let perSample: Int

    init(shape: Shape) {
        self.shape = shape
        perSample = (shape.voxelCount + Self.voxelsPerSlab - 1) / Self.voxelsPerSlab
    }

    package var startIndex: Int { 0 }
    package var endIndex: Int { shape.n * perSample }

    package subscript(index: Int) -> Range<Int> {
        let (sample, slab) = index.quotientAndRemainder(dividingBy: perSample)
        let first = slab * Self.voxelsPerSlab
        let last = Swift.min(first + Self.voxelsPerSlab, shape.voxelCount)
        let base = sample * shape.sampleCount
        return base + first * shape.c..<base + last * shape.c
    }

    /// The sample that a slab lies in.
    package func sample(of index: Int) -> Int { index / perSample }
}
