import Glibc
import MedPrepCore
import MedPrepIO
import MedPrepTestSupport
import Testing

@Suite("GzipWriter") struct GzipWriterTests {
    static let compressions: [Compression] = [.none, .fast, .balanced, .level(1), .level(6), .level(9)]

    @Test("comes back whole", arguments: [0, 1, 1 << 20, 1 << 20 + 1, 3_500_000])
    func roundTrip(count: Int) throws {
        let bytes = wavyBytes(count)
        for compression in Self.compressions where count < 3_000_000 || compression == .fast {
            let written = try compressed(bytes, compression)
            #expect(try decompressed(written) == bytes, "\(compression)")
        }
    }

    @Test("passes gzip -t and is one member for gzip -l", arguments: compressions)
    func systemGzip(compression: Compression) throws {
        let folder = TemporaryFolder()
        let bytes = wavyBytes(1 << 20 + 1)
        let path = folder.write(try compressed(bytes, compression, workers: 2), to: "a.gz")
        folder.write(bytes, to: "expected")
        #expect(system("gzip -t '\(path)'") == 0)
        #expect(system("gzip -dc '\(path)' | cmp -s - '\(folder.file("expected"))'") == 0)
        // The list shows the length in the last trailer: all of it only when there is one member.
        #expect(system("gzip -l '\(path)' | grep -q ' \(bytes.count) '") == 0)
    }

    @Test("writes the same bytes for any number of workers and any cut", arguments: compressions)
    func sameBytes(compression: Compression) throws {
        let bytes = wavyBytes(5 << 20 + 77)
        let expected = try compressed(bytes, compression)
        #expect(try compressed(bytes, compression, workers: 2, cut: 1_234_567) == expected)
        #expect(try compressed(bytes, compression, workers: 3, cut: 70_001) == expected)
    }

    @Test("joins what comes in parts: small ones, whole blocks, a last one", arguments: [1, 2, 3])
    func parts(workers: Int) throws {
        let block = GzipWriter.blockSize
        let bytes = wavyBytes(4 * block + 77)
        let expected = try compressed(bytes)
        for cuts in [
            [352], [352, block], [block - 1, block], [block, 2 * block], [1, block, block + 1, 3 * block],
            [352, 2 * block + 5, 4 * block + 77],
        ] {
            for endsEarly in [false, true] {
                let folder = TemporaryFolder()
                var writer = try ByteWriter(
                    path: ScanPath(folder.file("a.gz")), compression: .fast, workers: Workers(workers))
                var start = 0
                for end in cuts + [bytes.count] {
                    let part = Array(bytes[start..<end])
                    let isLast = endsEarly && end == bytes.count
                    // Every other part is made on demand, not lent.
                    try part.withUnsafeBytes { part in
                        try writer.write(count: part.count, isLast: isLast) { range, scratch in
                            if start % 2 == 1 { return UnsafeRawBufferPointer(rebasing: part[range]) }
                            scratch.copyMemory(from: UnsafeRawBufferPointer(rebasing: part[range]))
                            return UnsafeRawBufferPointer(scratch)
                        }
                    }
                    start = end
                }
                let written = try writer.commit()
                let isSame = folder.read("a.gz") == expected
                #expect(isSame && written.byteCount == bytes.count, "\(cuts)")
                #expect(written.crc32 == NIfTIBuilder.crc32(bytes))
            }
        }
    }

    @Test("a plain file is made by all workers, in order", arguments: [1, 2, 3])
    func plain(workers: Int) throws {
        let folder = TemporaryFolder()
        let bytes = wavyBytes(3_000_001)
        var writer = try ByteWriter(path: ScanPath(folder.file("a")), workers: Workers(workers))
        try writer.write([1, 2, 3])
        try bytes.withUnsafeBytes { bytes in
            try writer.write(count: bytes.count) { range, scratch in
                scratch.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[range]))
                return UnsafeRawBufferPointer(scratch)
            }
        }
        let written = try writer.commit()
        let isSame = folder.read("a") == [1, 2, 3] + bytes
        #expect(isSame && written.crc32 == NIfTIBuilder.crc32([1, 2, 3] + bytes))
    }

    @Test("has no name, no time, and hides the system it was made on")
    func header() throws {
        let written = try compressed([1, 2, 3])
        #expect(written.prefix(10) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])
    }

    @Test("an empty file is the shortest member")
    func empty() throws {
        let written = try compressed([])
        #expect(written.dropFirst(10) == [3, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test("noise grows by less than a thousandth", arguments: compressions)
    func noise(compression: Compression) throws {
        let bytes = noiseBytes(1 << 20)
        let written = try compressed(bytes, compression)
        #expect(written.count < bytes.count + bytes.count / 1000)
        #expect(try decompressed(written) == bytes)
    }

    @Test(
        "ISA-L never begins without a history, for its first hash is made from an address",
        arguments: [Compression.fast, .balanced])
    func beginning(_ compression: Compression) throws {
        #expect(try compressed([7, 8, 9], compression)[10..<16] == [0, 1, 0, 0xfe, 0xff, 7])
        #expect(try decompressed(compressed([7], compression)) == [7])
    }

    @Test("levels above fast are smaller, and none stores")
    func sizes() throws {
        let bytes = wavyBytes(1 << 20)
        let sizes = try Self.compressions.map { try compressed(bytes, $0).count }
        #expect(sizes[0] > bytes.count && sizes[0] < bytes.count + 1000)
        #expect(sizes[5] < sizes[1] && sizes[1] < bytes.count)
    }

    @Test("counts and sums what was written")
    func written() throws {
        let folder = TemporaryFolder()
        var writer = try ByteWriter(path: ScanPath(folder.file("a.gz")), compression: .fast)
        try writer.write(Array("123456".utf8))
        try writer.write(Array("789".utf8))
        let written = try writer.commit()
        // The check value of CRC-32.
        #expect(written.crc32 == 0xcbf4_3926)
        #expect(written.byteCount == 9)
        #expect(written.fileSize == folder.read("a.gz").count)
        var plain = try ByteWriter(path: ScanPath(folder.file("a")))
        try plain.write(Array("123456789".utf8))
        let same = try plain.commit()
        #expect(same.crc32 == 0xcbf4_3926 && same.byteCount == 9 && same.fileSize == 9)
    }
}
