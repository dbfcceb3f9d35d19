public import MedPrepCore
import MedPrepKernels

/// Writes one volume as a single NIfTI file: images as float32 or scaled int16, labels and masks in an integer type.
///
/// Channels (or samples) lie on the fourth axis; one of them is 3-D. Voxels go out in pieces; no second copy of the
/// volume is made (of several channels at once, 16 MiB or an eighth at most).
public struct NIfTIWriter: Sendable {
    public enum Encoding: Sendable {
        case float32
        /// 65,536 steps between the lowest and the highest value; `largestError` says what that costs.
        case scaledInt16
    }

    /// The type the file stores.
    public let elementType: ElementType
    /// 1, or 2 where a size is above 32767.
    public let version: Int
    /// Of a scaled int16 file, the largest difference between a voxel and what is read back, in Double; 0 otherwise.
    public let largestError: Double
    /// Of a scaled int16 file: value = stored·slope + intercept.
    public var scaling: (slope: Double, intercept: Double)? {
        quantization.map { ($0.slope, $0.intercept) }
    }
    /// Header and voxels, before compression.
    public let byteCount: Int
    private let header: [UInt8]
    private let quantization: Quantization?
    private let workers: Workers

    /// Looks at the values to choose the type; nothing is written yet.
    public init(
        for volume: Volume, encoding: Encoding = .float32, workers: Workers = .one
    ) throws(NIfTIError) {
        let shape = volume.tensor.shape
        let series = shape.n * shape.c
        guard shape.n == 1 || shape.c == 1 else {
            throw .badDims(
                sizes: [shape.w, shape.h, shape.d, shape.c, shape.n],
                reason: "NIfTI's fourth axis takes samples or channels, not both; write each sample by itself"
            )
        }
        var (quantization, largestError): (Quantization?, Double) = (nil, 0)
        if volume.role != .image {
            elementType = try Self.labelType(of: volume, workers)
        } else if encoding == .scaledInt16 {
            let chosen = try Self.quantization(of: volume.tensor, workers)
            largestError = volume.tensor.mapSlabs(workers) { chosen.largestError($1) }.max() ?? 0
            (elementType, quantization) = (.int16, chosen)
        } else {
            elementType = .float32
        }
        let output = NIfTIOutputHeader(
            dims: [shape.w, shape.h, shape.d] + (series > 1 ? [series] : []), type: elementType,
            slope: quantization?.slope ?? 1, intercept: quantization?.intercept ?? 0, grid: volume.grid,
            spaceCode: volume.source.spaceCode, text: volume.source.headerText)
        (header, version) = (output.bytes, output.version)
        (self.quantization, self.largestError, self.workers) = (quantization, largestError, workers)
        byteCount = header.count + shape.count * elementType.size
    }

    /// Writes a file that appears whole or not at all, compressed if its name ends in `.gz`.
    public static func write(
        _ volume: Volume, to path: ScanPath, encoding: Encoding = .float32, compression: Compression = .fast,
        workers: Workers = .one
    ) throws(NIfTIError) {
        let writer = try NIfTIWriter(for: volume, encoding: encoding, workers: workers)
        do {
            let compression = path.hasSuffix(".gz") ? compression : nil
            var file = try ByteWriter(path: path, compression: compression, workers: workers)
            try writer.write(volume, to: &file)
            _ = try file.commit()
        } catch {
            throw .file(error)
        }
    }

    /// Hands the file to `sink`, piece by piece; a piece is gone when `sink` returns.
    ///
    /// Precondition: the volume this writer was made for.
    public func write<Failure: Error>(
        _ volume: Volume, to sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceSize, alignment: 64)
        defer { scratch.deallocate() }
        try forEachPart(of: volume) { (count, _, bytes) throws(Failure) in
            for start in stride(from: 0, to: count, by: Self.pieceSize) {
                let range = start..<min(start + Self.pieceSize, count)
                try sink(bytes(range, UnsafeMutableRawBufferPointer(rebasing: scratch[..<range.count])))
            }
        }
    }

    /// The same into a file, whose workers turn, compress and write blocks at one time.
    package func write(_ volume: Volume, to file: inout ByteWriter) throws(FileError) {
        try forEachPart(of: volume) { (count, isLast, bytes) throws(FileError) in
            try file.write(count: count, isLast: isLast, bytes)
        }
    }

    /// The header, then the voxels: all at once, or a few channels at a time.
    private func forEachPart<Failure: Error>(
        of volume: Volume, _ body: (_ count: Int, _ isLast: Bool, ByteSource) throws(Failure) -> Void
    ) throws(Failure) {
        let shape = volume.tensor.shape
        let start = UnsafeMutableRawBufferPointer.allocate(byteCount: header.count, alignment: 16)
        defer { start.deallocate() }
        start.copyBytes(from: header)
        try body(header.count, false) { range, _ in UnsafeRawBufferPointer(rebasing: start[range]) }
        try volume.tensor.withUnsafeValues { values throws(Failure) in
            if shape.c == 1 {
                try body(values.count * elementType.size, true) { encoded(values, $0, in: $1) }
            } else {
                try forEachGroup(of: values, voxelCount: shape.voxelCount, channels: shape.c, body)
            }
        }
    }

    /// Channels, fastest in the tensor, become volumes, slowest in the file: several at once are gathered block by
    /// block, so that a cache line is not fetched anew for each of its floats.
    private func forEachGroup<Failure: Error>(
        of values: UnsafeBufferPointer<Float>, voxelCount: Int, channels: Int,
        _ body: (_ count: Int, _ isLast: Bool, ByteSource) throws(Failure) -> Void
    ) throws(Failure) {
        let group = min(channels, 16, max(4 << 20, values.count / 8) / voxelCount)
        if group <= 1 {
            // A copy of one channel would save nothing: it fetches every cache line for that channel alone too.
            for channel in 0..<channels {
                try body(voxelCount * elementType.size, channel == channels - 1) {
                    encoded(values, at: .init(channel, of: channels), $0, in: $1)
                }
            }
            return
        }
        let room = PooledMemory(group * voxelCount * MemoryLayout<Float>.stride)
        let planes = room.bytes.bindMemory(to: Float.self)
        let block = max(64, 32_768 / channels)
        var first = 0
        while first < channels {
            let count = min(group, channels - first)
            // Blocks do not overlap.
            nonisolated(unsafe) let (values, planes) = (values, planes)
            let offset = first
            forEachIndex((voxelCount + block - 1) / block, workers) { index in
                let voxels = index * block..<min((index + 1) * block, voxelCount)
                let source = UnsafeBufferPointer(
                    rebasing: values[voxels.lowerBound * channels..<voxels.upperBound * channels])
                for plane in 0..<count {
                    let start = plane * voxelCount
                    let target = planes[start + voxels.lowerBound..<start + voxels.upperBound]
                    copyChannel(
                        source, at: .init(offset + plane, of: channels),
                        to: UnsafeMutableBufferPointer(rebasing: target), at: .plane, voxels: target.count)
                }
            }
            first += count
            let gathered = UnsafeBufferPointer(rebasing: planes[..<(count * voxelCount)])
            try body(gathered.count * elementType.size, first == channels) { encoded(gathered, $0, in: $1) }
        }
    }

    /// A range of the bytes of one channel, gathered while the cache has room.
    private func encoded(
        _ values: UnsafeBufferPointer<Float>, at place: ChannelPlace, _ range: Range<Int>,
        in scratch: UnsafeMutableRawBufferPointer
    ) -> UnsafeRawBufferPointer {
        let voxels = range.lowerBound / elementType.size..<range.upperBound / elementType.size
        let source = UnsafeBufferPointer(
            rebasing: values[voxels.lowerBound * place.stride..<voxels.upperBound * place.stride])
        if elementType == .float32 {
            let target = scratch.bindMemory(to: Float.self)
            copyChannel(source, at: place, to: target, at: .plane, voxels: voxels.count)
            return UnsafeRawBufferPointer(scratch)
        }
        return withScratch(of: Float.self, count: voxels.count) { plane in
            copyChannel(source, at: place, to: plane, at: .plane, voxels: voxels.count)
            return encoded(UnsafeBufferPointer(plane), 0..<range.count, in: scratch)
        }
    }

    /// A range of the bytes that values are in the file's type; it cuts no value.
    private func encoded(
        _ values: UnsafeBufferPointer<Float>, _ range: Range<Int>, in scratch: UnsafeMutableRawBufferPointer
    ) -> UnsafeRawBufferPointer {
        let size = elementType.size
        let piece = UnsafeBufferPointer(rebasing: values[range.lowerBound / size..<range.upperBound / size])
        if elementType == .float32 { return UnsafeRawBufferPointer(piece) }
        if let quantization {
            quantization.encode(piece, to: scratch)
        } else {
            encode(piece, as: elementType, to: scratch)
        }
        return UnsafeRawBufferPointer(scratch)
    }

    private static let pieceSize = 1 << 20
}

extension NIfTIWriter {
    /// The input's own integer type, or the next that holds the values; of a float input the smallest of uint8,
    /// int16 and int32 (BEHAVIOUR 2).
    package static func labelType(of volume: Volume, _ workers: Workers) throws(NIfTIError) -> ElementType {
        let range = wholeRange(of: volume.tensor, workers)
        if let bad = range.firstBad {
            throw .badLabel(reason: "a value to write is \(bad); labels are whole numbers up to 16777216")
        }
        let own = volume.source.elementType
        let types: [ElementType] =
            own.isInteger
            ? Array(ElementType.allCases.filter(\.isInteger).drop { $0 != own }) : [.uint8, .int16, .int32]
        return types.first {
            guard let held = $0.integerRange else { return false }
            return held.lowerBound <= range.smallest && range.largest <= held.upperBound
        } ?? .int32
    }

    private static func quantization(of tensor: Tensor, _ workers: Workers) throws(NIfTIError) -> Quantization
    {
        let nonfinite = tensor.mapSlabs(workers) { countNonfinite($1) }.reduce(0, +)
        if nonfinite > 0 { throw .notRepresentable(count: nonfinite) }
        let spans = tensor.mapSlabs(workers) { finiteSpan($1) ?? 0...0 }
        let lower = spans.map(\.lowerBound).min() ?? 0
        let upper = spans.map(\.upperBound).max() ?? 0
        return Quantization(wholeRange(of: tensor, workers), span: lower...upper)
    }

    private static func wholeRange(of tensor: Tensor, _ workers: Workers) -> WholeRange {
        tensor.mapSlabs(workers) { _, values in
            var range = WholeRange()
            range.add(values)
            return range
        }.reduce(WholeRange()) { $0.merged(with: $1) }
    }
}
