import MedPrepCore
import MedPrepIO
import MedPrepTestSupport
import Testing

@Suite("GzipReader") struct GzipReaderTests {
    @Test(
        "reads many members whatever the buffers' sizes", arguments: [2, 3, 7, 8, 9, 13, 64, 1000, 256 << 10])
    func members(inputSize: Int) throws {
        let parts = [wavyBytes(3000), [], [9], wavyBytes(70_000)]
        let file = try parts.flatMap { try compressed($0) }
        for cut in [1, 1000, 3000, 100_000] where cut > 1 || inputSize > 8 {
            #expect(try decompressed(file, inputSize: inputSize, cut: cut) == parts.flatMap { $0 }, "\(cut)")
        }
    }

    @Test("reads what gzip writes: name, time, comment and extra field", arguments: [200, 256, 4096])
    func headerFields(inputSize: Int) throws {
        let plain = try compressed([7, 7, 7])
        let fields: [UInt8] = [3, 0, 1, 2, 3] + Array("name".utf8) + [0] + Array("a comment".utf8) + [0]
        let named = [0x1f, 0x8b, 8, 0b1_1100, 9, 9, 9, 9, 2, 3] + fields + plain.dropFirst(10)
        // The second header falls on every place of the input buffer.
        for count in stride(from: 0, to: 300, by: 4) {
            let first = noiseBytes(count)
            let read = try decompressed(
                try compressed(first) + named + named, inputSize: inputSize, cut: 1000)
            #expect(read == first + [7, 7, 7, 7, 7, 7])
        }
    }

    @Test("sums up the decoded bytes over all members, wherever it stands", arguments: [2, 64, 256 << 10])
    func checksums(inputSize: Int) throws {
        let parts = [wavyBytes(3000), [], [9], noiseBytes(70_000)]
        let content = parts.flatMap { $0 }
        let folder = TemporaryFolder()
        let members = try parts.flatMap { try compressed($0) }
        let file = try InputFile(ScanPath(folder.write(members, to: "a.gz")))
        var reader = GzipReader(inputSize: inputSize)
        #expect(reader.crc32 == 0)
        var (part, done) = ([UInt8](repeating: 0, count: 777), 0)
        while true {
            let count = try part.withUnsafeMutableBytes { try reader.read(into: $0, from: file) }
            done += count
            let isRight = reader.crc32 == NIfTIBuilder.crc32(Array(content[..<done]))
            #expect(isRight, "\(done)")
            if count < part.count { break }
        }
        #expect(done == content.count)
    }

    @Test("zeros behind the stream are padding", arguments: [1, 2, 511, 300_000])
    func padding(count: Int) throws {
        let file = try compressed([1, 2, 3]) + [UInt8](repeating: 0, count: count)
        #expect(try decompressed(file) == [1, 2, 3])
        #expect(try decompressed(file, inputSize: 3) == [1, 2, 3])
    }

    @Test("refuses what is behind the stream", arguments: [2, 3, 64, 256 << 10])
    func trailing(inputSize: Int) throws {
        let file = try compressed([1, 2, 3])
        for (tail, count): ([UInt8], Int) in [
            ([5], 1), ([0x1f], 1), ([0x1f, 7], 2), ([0, 0, 5], 3), (Array("<html>".utf8), 6),
        ] {
            let expected =
                "\(count) bytes that are not gzip stand behind the gzip stream; "
                + "fetch the file again, or cut them off"
            #expect(refusal(of: file + tail, inputSize: inputSize) == expected)
        }
        let twice = try file + [0, 0] + compressed([4])
        #expect(refusal(of: twice).contains("not gzip stand behind"))
    }

    @Test("refuses a wrong CRC and a wrong length", arguments: [8, 7, 6, 5, 4, 3, 2, 1])
    func checksum(fromEnd: Int) throws {
        var file = try compressed(wavyBytes(10_000))
        file[file.count - fromEnd] ^= 0x40
        let expected =
            "the CRC-32 or length stored in the gzip stream is not that of its content (10000 bytes decoded): "
            + "the file was damaged after it was written; fetch it again"
        #expect(refusal(of: file) == expected)
        // Exactly as many bytes as there are: the trailer is read only by the next call.
        #expect(refusal(of: file, cut: 10_000) == expected)
    }

    @Test("refuses a damaged first of two members")
    func firstMember() throws {
        var first = try compressed(wavyBytes(10_000))
        first[first.count - 8] ^= 1
        #expect(refusal(of: try first + compressed([1])).hasPrefix("the CRC-32 or length"))
        #expect(refusal(of: try compressed([1]) + first).hasPrefix("the CRC-32 or length"))
    }

    @Test("refuses a stream cut anywhere")
    func truncated() throws {
        let file = try compressed(wavyBytes(2000))
        for count in [2, 5, 10, 11, file.count / 2] + Array(file.count - 18..<file.count) {
            let text = refusal(of: Array(file.prefix(count)))
            #expect(
                text.hasPrefix("the gzip stream breaks off at the end of the file (\(count) bytes, "),
                "\(text)")
        }
        let cut = refusal(of: Array(file.dropLast(8)))
        #expect(
            cut
                == "the gzip stream breaks off at the end of the file (\(file.count - 8) bytes, 2000 after decoding); "
                + "fetch the file again")
        // Cut inside the second member.
        let second = try compressed([1])
        #expect(refusal(of: file + second.dropLast()).contains("2001 after decoding"))
        #expect(refusal(of: file + second.prefix(2)).contains("2000 after decoding"))
    }

    @Test("notices every flipped bit")
    func flipped() throws {
        let content = wavyBytes(600)
        let file = try compressed(content, .level(6))
        // Bytes 4…9 of the header say nothing about the content.
        for at in file.indices where !(4..<10).contains(at) {
            var damaged = file
            damaged[at] ^= UInt8(1 << (at % 8))
            // Some bits pad or set a flag that changes nothing; none gives other bytes.
            if let read = try? decompressed(damaged) { #expect(read == content) }
        }
    }

    @Test(
        "names the damage",
        arguments: [
            (2, UInt8(9), "the compression method is not deflate"),
            (10, 0x07, "a block has an unknown type or impossible lengths"),
        ])
    func damage(at: Int, byte: UInt8, reason: String) throws {
        var file = try compressed(wavyBytes(600))
        file[at] = byte
        #expect(
            refusal(of: file)
                == "the gzip stream is damaged after 0 decoded bytes: \(reason); fetch the file again")
    }

    @Test("does not read on after an error")
    func again() throws {
        let folder = TemporaryFolder()
        let bytes = try compressed([1]).dropLast()
        let file = try InputFile(ScanPath(folder.write(bytes, to: "a.gz")))
        var reader = GzipReader()
        var byte: [UInt8] = [0, 0]
        for _ in 0..<3 {
            do {
                _ = try byte.withUnsafeMutableBytes { try reader.read(into: $0, from: file) }
                Issue.record("accepted")
            } catch {
                #expect(error as? ByteReaderError == .gzip(.truncated(fileSize: bytes.count, decoded: 1)))
            }
        }
    }
}
