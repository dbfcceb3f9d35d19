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
    private let workers: Workers

    init(_ volume: Volume, layout: Pipeline.Layout, workers: Workers) throws(NIfTIError) {
        self.volume = volume
        (self.layout, self.workers) = (layout, workers)
        let shape = volume.tensor.shape
        sizes = layout == .ndhwc ? shape.sizes : [shape.n, shape.c, shape.d, shape.h, shape.w]
        elementType = volume.role == .image ? .float32 : try NIfTIWriter.labelType(of: volume, workers)
    }

    /// Piece by piece, without a second copy of the volume.
    func write(to path: ScanPath) throws(FileError) -> ByteWriter.Written {
        var file = try NPYWriter(path: path, elementType: elementType, sizes: sizes, workers: workers)
        let shape = volume.tensor.shape
        // In memory channels are fastest; NCDHW wants them one after the other.
        let planes = layout == .ndhwc ? 1 : shape.c
        let count = shape.sampleCount / planes
        try volume.tensor.withUnsafeValues { (values) throws(FileError) in
            for sample in 0..<shape.n {
                for plane in 0..<planes {
                    let start = sample * shape.sampleCount
                    let source = UnsafeBufferPointer(rebasing: values[start..<start + shape.sampleCount])
                    let place = ChannelPlace(plane, of: planes)
                    try file.write(count: count * elementType.size) { bytes(of: source, place, $0, in: $1) }
                }
            }
        }
        return try file.commit()
    }

    /// A range of the bytes of one plane: floats as they are, whole numbers in their integer type.
    private func bytes(
        of source: UnsafeBufferPointer<Float>, _ place: ChannelPlace, _ range: Range<Int>,
        in scratch: UnsafeMutableRawBufferPointer
    ) -> UnsafeRawBufferPointer {
        let (size, stride) = (elementType.size, place.stride)
        let voxels = range.lowerBound / size..<range.upperBound / size
        let piece = UnsafeBufferPointer(
            rebasing: source[voxels.lowerBound * stride..<voxels.upperBound * stride])
        if place == .plane { return encoded(piece, in: scratch) }
        return withUnsafeTemporaryAllocation(of: Float.self, capacity: voxels.count) { plane in
            copyChannel(piece, at: place, to: plane, at: .plane, voxels: voxels.count)
            let bytes = encoded(UnsafeBufferPointer(plane), in: scratch)
            if bytes.baseAddress != UnsafeRawPointer(scratch.baseAddress) { scratch.copyMemory(from: bytes) }
            return UnsafeRawBufferPointer(scratch)
        }
    }

    private func encoded(
        _ values: UnsafeBufferPointer<Float>, in scratch: UnsafeMutableRawBufferPointer
    ) -> UnsafeRawBufferPointer {
        if elementType == .float32 { return UnsafeRawBufferPointer(values) }
        encode(values, as: elementType, to: scratch)
        return UnsafeRawBufferPointer(scratch)
    }
}
