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
            let tensor = try? channels(of: scans, extent: first.grid.extent)
        else { return nil }
        var readings = [NIfTIReading]()
        for scan in scans {
            guard scan.tally.nonfinite == 0 || nonfinite != .error,
                var reading = try? scan.finish(findings: findings(scan.tally, scan.header))
            else { return nil }
            reading.counts = scan.counts
            readings.append(reading)
        }
        let source = Volume.Source(elementType: first.elementType, spaceCode: first.spaceCode)
        return (Volume(tensor: tensor, grid: first.grid, source: source), readings)
    }

    private func channels(of scans: [OpenScan], extent: SIMD3<Int>) throws(NIfTIError) -> Tensor {
        let shape = Shape(extent: extent, c: scans.count)
        try Self.checkMemory(4 * shape.count)
        let piece = OpenScan.pieceValues
        return try Tensor(shape) { values throws(NIfTIError) in
            let outcomes = UnsafeMutableBufferPointer<NIfTIError?>.allocate(capacity: scans.count)
            outcomes.initialize(repeating: nil)
            defer {
                outcomes.deinitialize()
                outcomes.deallocate()
            }
            // A thread writes one scan's plane and outcome.
            nonisolated(unsafe) let shared = outcomes
            for start in stride(from: 0, to: shape.voxelCount, by: piece) {
                let voxels = start..<min(start + piece, shape.voxelCount)
                let target = UnsafeMutableBufferPointer(
                    rebasing: values[voxels.lowerBound * shape.c..<voxels.upperBound * shape.c])
                forEachIndex(scans.count, workers) { index in
                    do throws(NIfTIError) { try scans[index].decode(voxels.count) } catch {
                        shared[index] = error
                    }
                }
                if let error = outcomes.lazy.compactMap({ $0 }).first { throw error }
                interleave(scans.map(\.values), to: target, voxels: voxels.count)
            }
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
    private let stored: UnsafeMutableRawBufferPointer
    private let plane: UnsafeMutableBufferPointer<Float>

    /// A piece of four channels is 256 KiB, which a core's second cache holds.
    static let pieceValues = 16_384

    init(_ path: ScanPath, _ reader: NIfTIReader) throws(NIfTIError) {
        source = try NIfTISource(path)
        header = source.header
        decoder = VoxelDecoder(header, role: .image, nonfinite: reader.nonfinite)
        counter = decoder.counter()
        stored = .allocate(byteCount: Self.pieceValues * header.elementType.size, alignment: 64)
        plane = .allocate(capacity: Self.pieceValues)
        try source.passOverGap()
    }

    deinit {
        stored.deallocate()
        plane.deallocate()
    }

    /// Of the last voxels that were decoded.
    var values: UnsafePointer<Float> { UnsafePointer(plane.baseAddress!) }

    /// Decodes the next voxels.
    func decode(_ count: Int) throws(NIfTIError) {
        let bytes = UnsafeMutableRawBufferPointer(rebasing: stored[..<(count * header.elementType.size)])
        let values = UnsafeMutableBufferPointer(rebasing: plane[..<count])
        try source.read(into: bytes)
        tally.add(decoder.decode(bytes, to: values))
        counter?.add(UnsafeRawBufferPointer(bytes))
    }

    var counts: WholeCounts? { counter?.counts }

    func finish(findings: [Finding]) throws(NIfTIError) -> NIfTIReading {
        try source.finish(nonfiniteCount: tally.nonfinite, findings: findings)
    }
}
