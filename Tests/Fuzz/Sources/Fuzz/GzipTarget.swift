import CMedPrepZlib
import MedPrepCore
import MedPrepIO
import MedPrepTestSupport

/// gzip, held against zlib: what one accepts the other accepts, with the same bytes.
///
/// Byte 0: sizes of the buffers; its top bit: the rest is a bare deflate stream, to which header and trailer are made,
/// for a checksum that fits is beyond a fuzzer.
extension Target {
    static let gzip = Target(
        name: "gzip", seeds: { GzipSeeds.all },
        words: { [[0x1f, 0x8b, 8, 0], [0, 0, 0xff, 0xff], [3, 0]] },
        run: { bytes in
            var input = InputBytes(bytes)
            let choice = input.next()
            let stored = choice & 0x80 == 0 ? Array(input.rest) : Zlib.wrapped(Array(input.rest))
            file.write(stored)
            let whole = decode(inputSize: 256 << 10, bufferSize: 64 << 10)
            // ISA-L refuses names and extra fields that come in pieces; the reader's own buffer keeps them whole.
            let isPlain = zip(stored, stored.dropFirst(3)).allSatisfy { $0 != 0x1f || $1 == 0 }
            let inputSize = isPlain ? 2 + Int(choice & 7) * 5 : 64 << 10
            let parts = decode(inputSize: inputSize, bufferSize: 1 + Int(choice >> 3 & 15) * 37)
            expect(whole.outcome == parts.outcome, "\(whole.outcome) in one piece, \(parts.outcome) in many")
            if whole.outcome == .tooLong { return }
            expect(whole.outcome == .refused || whole.bytes == parts.bytes, "the same bytes in any pieces")
            let oracle = Zlib.decode(stored, limit: limit)
            expect(
                (oracle != nil) == (whole.outcome == .accepted),
                "zlib says \(oracle != nil), we \(whole.outcome)")
            if let oracle { expect(oracle == whole.bytes, "the bytes that zlib decodes") }
            checkScan()
        })

    private enum Outcome { case accepted, refused, tooLong }

    private static func decode(inputSize: Int, bufferSize: Int) -> (outcome: Outcome, bytes: [UInt8]) {
        var decoded: [UInt8] = []
        do throws(ByteReaderError) {
            let opened: InputFile
            do { opened = try InputFile(file.path) } catch { throw .file(error) }
            var reader = GzipReader(inputSize: inputSize)
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 1)
            defer { buffer.deallocate() }
            while decoded.count <= limit {
                let count = try reader.read(into: buffer, from: opened)
                decoded += buffer[..<count]
                if count < bufferSize { return (.accepted, decoded) }
            }
            return (.tooLong, decoded)
        } catch {
            expect(!"\(error)".isEmpty, "a refusal has a sentence")
            return (.refused, decoded)
        }
    }

    /// The file as a scan.
    private static func checkScan() {
        let reader = NIfTIReader(nonfinite: .ignore)
        guard let (volume, reading) = try? reader.read(file.path) else { return }
        expect(volume.tensor.values.count == reading.header.valueCount, "every voxel is there")
    }

    private static let limit = 1 << 20
    private static let file = MemoryFile("a.nii.gz")
}

enum GzipSeeds {
    static var all: [[UInt8]] {
        let scan = NIfTISeeds.all[0]
        let text = Array("medprep medprep medprep medprep normalizes".utf8)
        let (first, second) = (NIfTIBuilder.gzip(Array(scan[..<100])), NIfTIBuilder.gzip(Array(scan[100...])))
        let named = [0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3] + Array("a.nii\0".utf8) + Array(first[10...])
        let files = [first + second, NIfTIBuilder.gzip([]), first + [0, 0, 0, 0], named, named + named]
        let bare = [1, 6, 9].flatMap { [Zlib.deflated(scan, level: $0), Zlib.deflated(text, level: $0)] }
        return files.map { [0] + $0 } + bare.map { [0x80] + $0 } + bare.map { [0x0a] + Zlib.wrapped($0) }
    }
}
