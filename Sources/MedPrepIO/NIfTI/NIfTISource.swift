import MedPrepCore

/// An open scan: its header is read and checked, its voxels come in file order.
struct NIfTISource: ~Copyable {
    let header: NIfTIHeader
    private(set) var findings: [Finding]
    /// Its texts; the extensions of a single file once the gap is passed. nil where they are not kept.
    private(set) var text: HeaderText?
    /// The file that holds the voxels.
    private var voxels: ByteReader
    /// Of the header file of a pair.
    private let headerFile: (crc32: UInt32, size: Int)?

    /// Reads the header and holds its claims against the size of the file, before anything is allocated.
    ///
    /// - Parameter keepsText: whether texts and extensions are kept.
    init(_ path: ScanPath, keepsText: Bool = false) throws(NIfTIError) {
        var reader = try Self.open(path)
        let found = try Self.readHeader(&reader)
        let header = found.header
        var text = found.text
        let expectsPair = path.hasSuffix(".hdr") || path.hasSuffix(".hdr.gz")
        if header.isPair != expectsPair {
            throw .notNIfTI(
                reason: header.isPair
                    ? "its magic says that the voxels are in an .img file; name the .hdr file"
                    : "its magic says that header and voxels are in one file; rename it to .nii or .nii.gz")
        }
        var headerFile: (crc32: UInt32, size: Int)?
        if header.isPair {
            if keepsText { text.extensions = try Self.extensions(of: header, &reader, before: .max).kept }
            _ = try Self.finish(&reader)
            headerFile = (reader.crc32, reader.fileSize)
            reader = try Self.openPartner(of: path)
        }
        try Self.checkSize(header, reader)
        (self.header, findings, self.headerFile) = (header, header.findings, headerFile)
        self.text = keepsText ? text : nil
        voxels = reader
    }

    /// Goes to the first voxel; the extensions in between are looked at, not needed.
    mutating func passOverGap() throws(NIfTIError) {
        let end = header.voxOffset
        do throws(NIfTIError) {
            if !header.isPair { try passOverExtensions(before: end) }
            try passOver(end - voxels.position)
        } catch .truncatedData where header.hasGap {
            // Only the end of a compressed file tells that the voxels would lie behind it.
            throw .voxOffset(end, behind: voxels.position)
        }
    }

    /// Looks at the extensions, keeps them where texts are kept, and says where a broken one stands.
    private mutating func passOverExtensions(before end: Int) throws(NIfTIError) {
        let extensions = try Self.extensions(of: header, &voxels, before: end, keeps: text != nil)
        text?.extensions = extensions.kept
        guard let broken = extensions.broken else { return }
        findings.append(
            Finding(
                .extensionIgnored,
                "the header extension at byte \(broken.start) claims \(broken.length) bytes; extensions are "
                    + "passed over"))
    }

    /// Fills the buffer with the next stored voxels.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(NIfTIError) {
        let count = try Self.read(&voxels, into: buffer)
        if count < buffer.count { throw .truncatedData(expected: header.endOfVoxels, found: voxels.position) }
    }

    /// Reads to the end, so that every checksum is tested.
    mutating func finish(nonfiniteCount: Int, findings more: [Finding]) throws(NIfTIError) -> NIfTIReading {
        let trailing = try Self.finish(&voxels)
        var (crc, size) = (voxels.crc32, voxels.fileSize)
        if let headerFile {
            crc = joinedCRC(headerFile.crc32, crc, secondLength: voxels.position)
            size += headerFile.size
        }
        var findings = findings + more
        if trailing > 0 {
            findings.append(Finding(.trailingBytes, "\(trailing) bytes behind the voxels are not used"))
        }
        return NIfTIReading(
            header: header, findings: findings, crc32: crc, fileSize: size, nonfiniteCount: nonfiniteCount,
            trailingBytes: trailing)
    }

    private mutating func passOver(_ count: Int) throws(NIfTIError) {
        if count <= 0 { return }
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: min(count, 256 << 10), alignment: 16)
        defer { scratch.deallocate() }
        var left = count
        while left > 0 {
            try read(into: UnsafeMutableRawBufferPointer(rebasing: scratch[..<min(left, scratch.count)]))
            left -= min(left, scratch.count)
        }
    }
}

extension NIfTISource {
    private static func open(_ path: ScanPath) throws(NIfTIError) -> ByteReader {
        do { return try ByteReader(path: path) } catch { throw NIfTIError(error) }
    }

    private static func read(
        _ reader: inout ByteReader, into buffer: UnsafeMutableRawBufferPointer
    ) throws(NIfTIError) -> Int {
        do { return try reader.read(into: buffer) } catch { throw NIfTIError(error) }
    }

    private static func finish(_ reader: inout ByteReader) throws(NIfTIError) -> Int {
        do { return try reader.finish() } catch { throw NIfTIError(error) }
    }

    private static func extensions(
        of header: NIfTIHeader, _ reader: inout ByteReader, before end: Int, keeps: Bool = true
    ) throws(NIfTIError) -> NIfTIExtensions {
        do {
            return try NIfTIExtensions(
                from: &reader, before: end, isBigEndian: header.byteOrder == .big, keeps: keeps)
        } catch { throw NIfTIError(error) }
    }

    private static func checkSize(_ header: NIfTIHeader, _ voxels: borrowing ByteReader) throws(NIfTIError) {
        if header.endOfVoxels <= voxels.upperBound { return }
        if voxels.isCompressed, header.voxOffset <= voxels.upperBound || !header.hasGap {
            throw .cannotHold(expected: header.endOfVoxels, atMost: voxels.upperBound)
        }
        if header.voxOffset > voxels.upperBound, header.hasGap {
            throw voxels.isCompressed
                ? .badVoxOffset(
                    found: "\(header.voxOffset)",
                    reason: "a compressed file of this size ends before byte \(voxels.upperBound)")
                : .voxOffset(header.voxOffset, behind: voxels.fileSize)
        }
        throw .truncatedData(expected: header.endOfVoxels, found: voxels.fileSize)
    }

    /// No byte more than the header is taken, for voxels may follow at once.
    private static func readHeader(
        _ reader: inout ByteReader
    ) throws(NIfTIError) -> (header: NIfTIHeader, text: HeaderText) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 540, alignment: 16)
        defer { buffer.deallocate() }
        var count = try read(&reader, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<348]))
        if count == 348, NIfTIFields.headerSize(buffer.loadUnaligned(as: Int32.self)) == 540 {
            count += try read(&reader, into: UnsafeMutableRawBufferPointer(rebasing: buffer[348...]))
        }
        let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        return (try NIfTIHeader(bytes: bytes), HeaderText(header: bytes))
    }

    private static func openPartner(of path: ScanPath) throws(NIfTIError) -> ByteReader {
        let names = NIfTIPair.voxelFiles(of: path)
        for name in names {
            do { return try ByteReader(path: name) } catch {
                if case .notCompressed = error { throw .file(error) }
                if !error.isMissing { throw NIfTIError(error) }
            }
        }
        throw .missingPair(expected: names.map { $0.name.description })
    }
}

extension NIfTIHeader {
    /// The voxels stand farther back than they must. In a cut file where they do not, it is they that are missing.
    fileprivate var hasGap: Bool { voxOffset > (isPair ? 0 : version == 1 ? 352 : 544) }
}

extension NIfTIError {
    fileprivate static func voxOffset(_ offset: Int, behind end: Int) -> NIfTIError {
        .badVoxOffset(
            found: "\(offset)", reason: "the file ends at byte \(end); the header is damaged")
    }

    init(_ error: ByteReaderError) {
        switch error {
        case .file(let error): self.init(error)
        case .gzip(let error): self = .gzip(error)
        }
    }

    /// A web page under the name of a scan is no damaged gzip; an uncompressed scan is one.
    init(_ error: FileError) {
        switch error {
        case .empty: self = .emptyFile
        case .notCompressed(let bytes) where !Self.firstBytes.contains(bytes):
            self = .notNIfTI(reason: error.description)
        default: self = .file(error)
        }
    }

    /// Of an uncompressed header: 348 and 540 in both byte orders.
    private static let firstBytes: [[UInt8]] = [[0x5c, 1], [0x1c, 2], [0, 0]]
}
