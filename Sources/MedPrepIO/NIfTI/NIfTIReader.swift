import Glibc
public import MedPrepCore
package import MedPrepKernels

/// Reads scans: .nii, .nii.gz and .hdr/.img pairs, of both versions and byte orders.
///
/// Voxels are converted in pieces on their way from the file into the tensor, so a scan needs no memory beside it
/// (channels: an eighth of it). Every byte is read and every checksum tested before a volume is handed out.
public struct NIfTIReader: Sendable {
    public var role: Volume.Role
    public var fourthAxis: FourthAxis
    public var nonfinite: Nonfinite
    /// Hand texts and extensions of the header out with the volume, for an output that keeps them.
    public var keepsHeaderText = false
    /// Leave plain whole numbers of 8 and 16 bits as they are stored, until somebody asks the tensor for Floats. Worth it
    /// where most voxels are left out, or read once.
    package var keepsNumbers = false
    /// Look for the box of what is not 0 on the way, for a step that will ask the tensor for it.
    package var findsBox = false
    public var workers: Workers

    public init(
        role: Volume.Role = .image, fourthAxis: FourthAxis = .channel, nonfinite: Nonfinite = .error,
        workers: Workers = .one
    ) {
        (self.role, self.fourthAxis, self.nonfinite, self.workers) = (role, fourthAxis, nonfinite, workers)
    }

    /// The header alone, its claims held against the size of the file. A few hundred bytes are read, so damage behind
    /// them and broken extensions stay unseen.
    public func readHeader(_ path: ScanPath) throws(NIfTIError) -> NIfTIHeader {
        let source = try NIfTISource(path)
        return source.header
    }

    /// The voxels, scaled, and where they are.
    public func read(_ path: ScanPath) throws(NIfTIError) -> (volume: Volume, reading: NIfTIReading) {
        var source = try NIfTISource(path, keepsText: keepsHeaderText)
        let header = source.header
        let shape = header.shape(fourthAxis: fourthAxis)
        if role != .image, header.volumeCount > 1 {
            throw .badLabel(reason: "it has \(header.volumeCount) volumes; labels and masks are 3-D")
        }
        try source.passOverGap()
        let decoder = VoxelDecoder(header, role: role, nonfinite: nonfinite)
        let group = shape.c == 1 ? 0 : Self.volumesAtOnce(header)
        try Self.checkMemory(4 * shape.count + group * header.voxelByteCount / header.volumeCount)
        var tally = VoxelTally()
        let box = findsBox && header.volumeCount == 1 ? header.grid.extent : nil
        var tensor: Tensor
        if keepsNumbers, shape.c == 1, let type = decoder.keptType {
            tensor = try Tensor(shape, storing: type) { bytes throws(NIfTIError) in
                tally = try decoder.decode(&source, to: .kept(bytes), boxIn: box, workers)
            }
        } else {
            tensor = try Tensor(shape) { values throws(NIfTIError) in
                tally =
                    shape.c == 1
                    ? try decoder.decode(&source, to: .floats(values), boxIn: box, workers)
                    : try decoder.decode(
                        &source, volumesAtOnce: group, to: values, channels: shape.c, workers)
            }
        }
        tensor.nonzeroBox = tally.nonzeroBox
        var reading = try source.finish(nonfiniteCount: tally.nonfinite, findings: findings(tally, header))
        reading.counts = tally.counts
        if let bad = tally.firstBad {
            throw .badLabel(reason: "it holds \(bad); labels are whole numbers from -16777216 to 16777216")
        }
        if tally.nonfinite > 0, nonfinite == .error { throw .nonfinite(count: tally.nonfinite) }
        let volume = Volume(
            tensor: consume tensor, grid: header.grid, role: role,
            source: Volume.Source(
                elementType: header.elementType, spaceCode: header.spaceCode, headerText: source.text))
        return (volume, reading)
    }

    /// The numbers of the scaled voxels, in Double; nothing is kept in memory. Non-finite voxels are only counted.
    public func readStatistics(
        _ path: ScanPath
    ) throws(NIfTIError) -> (statistics: NIfTIStatistics, reading: NIfTIReading) {
        var source = try NIfTISource(path)
        let header = source.header
        try source.passOverGap()
        var (statistics, rounded) = (NIfTIStatistics(), 0)
        let decoder = VoxelDecoder(header, role: .image, nonfinite: .ignore)
        try decoder.forEachPiece(&source) { values, wide in
            statistics.add(values)
            rounded += wide
        }
        let tally = VoxelTally(nonfinite: 0, rounded: rounded)
        let reading = try source.finish(
            nonfiniteCount: statistics.nanCount + statistics.infiniteCount, findings: findings(tally, header))
        return (statistics, reading)
    }

    func findings(_ tally: VoxelTally, _ header: NIfTIHeader) -> [Finding] {
        var findings: [Finding] = []
        if tally.rounded > 0 {
            findings.append(
                Finding(
                    .roundedToFloat32,
                    "\(tally.rounded) voxels of type \(header.elementType.rawValue) have more than 24 significant "
                        + "bits; they are rounded to float32"))
        }
        if tally.nonfinite > 0, nonfinite != .error {
            findings.append(
                Finding(
                    .nonfinite,
                    "\(tally.nonfinite) voxels are NaN or infinite; "
                        + (nonfinite == .zero
                            ? "they are set to 0" : "they are kept and left out of statistics")))
        }
        return findings
    }

    /// Stored volumes in memory at one time: up to 16, for a cache line has 16 floats; beyond 16 MiB an eighth of
    /// the tensor at most, but one.
    private static func volumesAtOnce(_ header: NIfTIHeader) -> Int {
        let volume = header.voxelByteCount / header.volumeCount
        return max(1, min(header.volumeCount, 16, max(16 << 20, header.valueCount / 2) / volume))
    }

    /// Swift ends the program where memory is refused, so we ask first.
    package static func checkMemory(_ bytes: Int) throws(NIfTIError) {
        var probe = malloc(bytes)
        if probe == nil {
            Tensor.releaseIdleMemory()
            probe = malloc(bytes)
        }
        guard let probe else { throw .overBudget(bytes: bytes) }
        free(probe)
    }
}

/// What reading a scan to its end has shown.
public struct NIfTIReading: Sendable {
    public let header: NIfTIHeader
    /// Those of the header, then those of the rest.
    public let findings: [Finding]
    /// CRC-32 of the decoded bytes; of a pair, of the header file and the voxel file behind it.
    public let crc32: UInt32
    /// Bytes on disk; of a pair, of both.
    public let fileSize: Int
    /// Voxels that are NaN or infinite in the file.
    public let nonfiniteCount: Int
    /// Decoded bytes behind the voxels.
    public let trailingBytes: Int
    /// How often each whole number occurs in an image of one channel that stores such; else nil.
    package var counts: WholeCounts?
}
