internal import MedPrepCore
internal import MedPrepIO
internal import MedPrepKernels

/// A volume as a five-axis NumPy array: images float32, labels in their integer type.
struct NPYVolume {
    let volume: Volume
    let elementType: ElementType
    /// N, D, H, W, C or N, C, D, H, W.
    let sizes: [Int]
    private let layout: Pipeline.Layout

    init(_ volume: Volume, layout: Pipeline.Layout, workers: Workers) throws(NIfTIError) {
        self.volume = volume
        self.layout = layout
        let shape = volume.tensor.shape
        sizes = layout == .ndhwc ? shape.sizes : [shape.n, shape.c, shape.d, shape.h, shape.w]
        elementType = volume.role == .image ? .float32 : try NIfTIWriter.labelType(of: volume, workers)
    }

    /// Piece by piece, without a second copy of the volume.
    func write(to path: ScanPath) throws(FileError) -> ByteWriter.Written {
        var file = try NPYWriter(path: path, elementType: elementType, sizes: sizes)
        let shape = volume.tensor.shape
        // In memory channels are fastest; NCDHW wants them one after the other.
        let planes = layout == .ndhwc ? 1 : shape.c
        let piece = UnsafeMutableBufferPointer<Float>.allocate(capacity: Slabs.voxelsPerSlab)
        let encoded = UnsafeMutableRawBufferPointer.allocate(
            byteCount: piece.count * elementType.size, alignment: 16)
        defer {
            piece.deallocate()
            encoded.deallocate()
        }
        try volume.tensor.withUnsafeValues { (values) throws(FileError) in
            for sample in 0..<shape.n {
                for plane in 0..<planes {
                    let start = sample * shape.sampleCount + plane
                    let count = shape.sampleCount / planes
                    for first in stride(from: 0, to: count, by: piece.count) {
                        let length = min(piece.count, count - first)
                        for index in 0..<length { piece[index] = values[start + (first + index) * planes] }
                        try file.write(
                            bytes(of: UnsafeBufferPointer(rebasing: piece[..<length]), in: encoded))
                    }
                }
            }
        }
        return try file.commit()
    }

    /// Floats as they are; whole numbers in their integer type, by way of `encoded`.
    private func bytes(
        of values: UnsafeBufferPointer<Float>, in encoded: UnsafeMutableRawBufferPointer
    ) -> UnsafeRawBufferPointer {
        if elementType == .float32 { return UnsafeRawBufferPointer(values) }
        let bytes = UnsafeMutableRawBufferPointer(rebasing: encoded[..<(values.count * elementType.size)])
        encode(values, as: elementType, to: bytes)
        return UnsafeRawBufferPointer(bytes)
    }
}
