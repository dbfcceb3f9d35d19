internal import MedPrepCore
internal import MedPrepIO
internal import MedPrepKernels

/// A volume as a five-axis array: images float32 or float16, labels in their integer type.
struct ArrayVolume {
    let description: ArrayDescription
    /// What float16 costs an image; nil for every other type.
    let loss: HalfLoss?
    private let volume: Volume
    private let output: Pipeline.Output

    /// Precondition: `output` has an array format.
    init(_ volume: Volume, _ output: Pipeline.Output, workers: Workers) throws(NIfTIError) {
        (self.volume, self.output) = (volume, output)
        let shape = volume.tensor.shape
        let isImage = volume.role == .image
        let type: NPYArray.ElementType =
            if !isImage {
                .init(try NIfTIWriter.labelType(of: volume, workers))
            } else {
                output.dtype == .float16 ? .float16 : .float32
            }
        // N, D, H, W, C or N, C, D, H, W.
        let sizes = output.layout == .ndhwc ? shape.sizes : [shape.n, shape.c, shape.d, shape.h, shape.w]
        description = ArrayDescription(name: isImage ? "image" : "label", elementType: type, sizes: sizes)
        loss =
            type == .float16
            ? volume.tensor.mapSlabs(workers) { _, values in
                var loss = HalfLoss()
                loss.add(values)
                return loss
            }.reduce(HalfLoss()) { $0.merged(with: $1) } : nil
    }

    func write(to path: ScanPath) throws(FileError) -> ByteWriter.Written {
        var file = try ArrayWriter(path: path, frame)
        try forEachPiece { (bytes) throws(FileError) in try file.write(bytes) }
        return try file.commit()
    }

    private var frame: ArrayFrame {
        let grid = volume.grid
        let affine = grid.isOriented ? grid.affine.rows : nil
        switch output.format {
        case .npz:
            // A zip entry says its checksum before its content.
            var crc = RunningCRC32()
            forEachPiece { crc.add($0) }
            let place = affine.map { [(name: "affine", sizes: [4, 4], values: $0.flatMap { $0 })] } ?? []
            return .npz(
                description, crc32: crc.value,
                more: place + [(name: "spacing_ijk", sizes: [3], values: grid.spacing.elements)])
        case .safetensors:
            let place = affine.map { [("affine", JSONValue.array($0.map { .numbers($0) }).line)] } ?? []
            return .safetensors(
                description,
                metadata: place + [
                    ("spacing_ijk", JSONValue.numbers(grid.spacing.elements).line),
                    ("layout", output.layout.rawValue),
                ])
        case .npy, .nifti, .niftiGzip: return .npy(description)
        }
    }

    /// The values in the order and type of the file, without a second copy of the volume.
    private func forEachPiece<Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        let shape = volume.tensor.shape
        // In memory channels are fastest; NCDHW wants them one after the other.
        let planes = output.layout == .ndhwc ? 1 : shape.c
        let piece = UnsafeMutableBufferPointer<Float>.allocate(capacity: Slabs.voxelsPerSlab)
        let encoded = UnsafeMutableRawBufferPointer.allocate(
            byteCount: piece.count * description.elementType.size, alignment: 16)
        defer {
            piece.deallocate()
            encoded.deallocate()
        }
        try volume.tensor.withUnsafeValues { (values) throws(Failure) in
            for sample in 0..<shape.n {
                for plane in 0..<planes {
                    let start = sample * shape.sampleCount + plane
                    let count = shape.sampleCount / planes
                    for first in stride(from: 0, to: count, by: piece.count) {
                        let length = min(piece.count, count - first)
                        for index in 0..<length { piece[index] = values[start + (first + index) * planes] }
                        try body(bytes(of: UnsafeBufferPointer(rebasing: piece[..<length]), in: encoded))
                    }
                }
            }
        }
    }

    /// Float32 as it is; other types by way of `encoded`.
    private func bytes(
        of values: UnsafeBufferPointer<Float>, in encoded: UnsafeMutableRawBufferPointer
    ) -> UnsafeRawBufferPointer {
        let type = description.elementType
        if type == .float32 { return UnsafeRawBufferPointer(values) }
        let bytes = UnsafeMutableRawBufferPointer(rebasing: encoded[..<(values.count * type.size)])
        if let integer = ElementType(rawValue: type.name) {
            encode(values, as: integer, to: bytes)
        } else {
            encodeHalves(values, to: bytes)
        }
        return UnsafeRawBufferPointer(bytes)
    }
}
