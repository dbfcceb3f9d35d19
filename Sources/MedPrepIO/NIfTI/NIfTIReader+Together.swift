package import MedPrepCore
import MedPrepKernels

extension NIfTIReader {
    /// Several scans of one volume each as the channels of one image, in this order: piece by piece from all files,
    /// so that no scan is in memory beside the image.
    ///
    /// - Returns: nil where they are not of one volume each, do not share a grid, or one of them cannot be read;
    ///   reading one after the other then tells what is wrong with which.
    package func readTogether(_ paths: [ScanPath]) -> (volume: Volume, readings: [NIfTIReading])? {
        var scans = [OpenScan]()
        for path in paths {
            guard let scan = try? OpenScan(path, self) else { return nil }
            scans.append(scan)
        }
        guard scans.count > 1, let first = scans.first?.header, first.volumeCount == 1,
            scans.allSatisfy({
                $0.header.grid.isSame(as: first.grid) && $0.header.volumeCount == 1
            }),
            var tensor = try? channels(of: scans, extent: first.grid.extent)
        else { return nil }
        var readings = [NIfTIReading]()
        for scan in scans {
            guard scan.tally.nonfinite == 0 || nonfinite != .error,
                var reading = try? scan.finish(findings: findings(scan.tally, scan.header))
            else { return nil }
            reading.counts = scan.counts
            readings.append(reading)
        }
        if findsBox {
            let boxes = scans.compactMap(\.nonzeroBox)
            tensor.nonzeroBox = Tensor.NonzeroBox(
                boxes.dropFirst().reduce(boxes.first) { $0?.joined(with: $1) },
                hasNegative: readings.contains { $0.counts?.hasNegative ?? true })
        }
        let source = Volume.Source(elementType: first.elementType, spaceCode: first.spaceCode)
        return (Volume(tensor: tensor, grid: first.grid, source: source), readings)
    }

    private func channels(of scans: [OpenScan], extent: SIMD3<Int>) throws(NIfTIError) -> Tensor {
        let shape = Shape(extent: extent, c: scans.count)
        try Self.checkMemory(4 * shape.count)
        if keepsNumbers, let type = scans[0].keptType, scans.allSatisfy({ $0.keptType == type }) {
            return try Tensor(shape, storing: type) { bytes throws(NIfTIError) in
                try forEachPiece(of: scans, shape) { (voxels, scan) throws(NIfTIError) in
                    try scan.take(voxels)
                } whenAll: { voxels in
                    let place =
                        voxels.lowerBound * shape.c * type.size..<voxels.upperBound * shape.c * type.size
                    interleave(
                        scans.map(\.numbers), of: type,
                        to: UnsafeMutableRawBufferPointer(rebasing: bytes[place]),
                        voxels: voxels.count)
                }
            }
        }
        return try Tensor(shape) { values throws(NIfTIError) in
            try forEachPiece(of: scans, shape) { (voxels, scan) throws(NIfTIError) in
                try scan.decode(voxels)
            } whenAll: { voxels in
                let place = voxels.lowerBound * shape.c..<voxels.upperBound * shape.c
                interleave(
                    scans.map(\.values), to: UnsafeMutableBufferPointer(rebasing: values[place]),
                    voxels: voxels.count)
            }
        }
    }

    /// Piece by piece: one of each scan, then what is to be done with them.
    private func forEachPiece(
        of scans: [OpenScan], _ shape: Shape, read: (Int, OpenScan) throws(NIfTIError) -> Void,
        whenAll: (Range<Int>) -> Void
    ) throws(NIfTIError) {
        let outcomes = UnsafeMutableBufferPointer<NIfTIError?>.allocate(capacity: scans.count)
        outcomes.initialize(repeating: nil)
        defer {
            outcomes.deinitialize()
            outcomes.deallocate()
        }
        // A thread reads one scan and writes its outcome.
        nonisolated(unsafe) let (shared, read) = (outcomes, read)
        let piece = OpenScan.pieceValues
        for start in stride(from: 0, to: shape.voxelCount, by: piece) {
            let voxels = start..<min(start + piece, shape.voxelCount)
            forEachIndex(scans.count, workers) { index in
                do throws(NIfTIError) { try read(voxels.count, scans[index]) } catch { shared[index] = error }
            }
            if let error = outcomes.lazy.compactMap({ $0 }).first { throw error }
            whenAll(voxels)
        }
    }
}

/// A scan that is read piece by piece beside others.
private final class OpenScan: @unchecked Sendable {
    // Guarded by its reader, which gives each scan to one thread at a time.
    private var source: NIfTISource
    private(set) var tally = VoxelTally()
    let header: NIfTIHeader
    private let decoder: VoxelDecoder
    private let counter: WholeCounter?
    private let finder: NonzeroFinder?
    /// Voxels that were read.
    private var count = 0
    private let stored: UnsafeMutableRawBufferPointer
    private let plane: UnsafeMutableBufferPointer<Float>

    /// A piece of four channels is 256 KiB, which a core's second cache holds.
    static let pieceValues = 16_384

    init(_ path: ScanPath, _ reader: NIfTIReader) throws(NIfTIError) {
        source = try NIfTISource(path)
        header = source.header
        decoder = VoxelDecoder(header, role: .image, nonfinite: reader.nonfinite)
        counter = decoder.counter()
        finder = reader.findsBox ? NonzeroFinder(in: header.grid.extent) : nil
        stored = .allocate(byteCount: Self.pieceValues * header.elementType.size, alignment: 64)
        plane = .allocate(capacity: Self.pieceValues)
        try source.passOverGap()
    }

    deinit {
        stored.deallocate()
        plane.deallocate()
    }

    var keptType: ElementType? { decoder.keptType }

    /// Of the last voxels that were decoded.
    var values: UnsafePointer<Float> { UnsafePointer(plane.baseAddress!) }
    /// Of the last voxels that were taken.
    var numbers: UnsafeRawBufferPointer { UnsafeRawBufferPointer(stored) }

    /// Decodes the next voxels.
    func decode(_ count: Int) throws(NIfTIError) {
        let bytes = try readNext(count)
        let values = UnsafeMutableBufferPointer(rebasing: plane[..<count])
        tally.add(decoder.decode(bytes, to: values))
        counter?.add(UnsafeRawBufferPointer(bytes))
        finder?.add(UnsafeBufferPointer(values), at: self.count - count)
    }

    /// Takes the next voxels as they are, in this machine's byte order.
    func take(_ count: Int) throws(NIfTIError) {
        let bytes = try readNext(count)
        decoder.turnBytes(bytes)
        counter?.add(UnsafeRawBufferPointer(bytes))
        finder?.add(UnsafeRawBufferPointer(bytes), of: header.elementType, at: self.count - count)
    }

    private func readNext(_ count: Int) throws(NIfTIError) -> UnsafeMutableRawBufferPointer {
        let bytes = UnsafeMutableRawBufferPointer(rebasing: stored[..<(count * header.elementType.size)])
        try source.read(into: bytes)
        self.count += count
        return bytes
    }

    var counts: WholeCounts? { counter?.counts }
    /// nil: all is 0, or nobody looked.
    var nonzeroBox: Box? { finder?.box }

    func finish(findings: [Finding]) throws(NIfTIError) -> NIfTIReading {
        try source.finish(nonfiniteCount: tally.nonfinite, findings: findings)
    }
}
