import Glibc
import MedPrepCore
import MedPrepIO
import MedPrepTestSupport
import Testing

/// The archives and tensors that other programs read, taken apart by hand.
@Suite("ArrayFrame: .npz and .safetensors") struct ArrayFrameTests {
    private func number(_ bytes: [UInt8], _ offset: Int, _ count: Int) -> Int {
        (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }

    private func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private func crc32(_ bytes: [UInt8]) -> UInt32 {
        var crc = RunningCRC32()
        bytes.withUnsafeBytes { crc.add($0) }
        return crc.value
    }

    private struct Entry {
        let name: String
        let crc32, size, offset, version: Int
    }

    /// The central directory of a zip file that ends the ordinary way.
    private func directory(_ file: [UInt8]) -> [Entry] {
        let end = file.count - 22
        #expect(number(file, end, 4) == 0x0605_4b50)
        var at = number(file, end + 16, 4)
        #expect(at + number(file, end + 12, 4) == end)
        return (0..<number(file, end + 10, 2)).map { _ in
            #expect(number(file, at, 4) == 0x0201_4b50)
            // Stored, 1980-01-01 00:00.
            #expect(number(file, at + 8, 8) == 0x21 << 48)
            let length = number(file, at + 28, 2)
            let entry = Entry(
                name: text(file[(at + 46)..<(at + 46 + length)]), crc32: number(file, at + 16, 4),
                size: number(file, at + 24, 4), offset: number(file, at + 42, 4),
                version: number(file, at + 6, 2))
            #expect(number(file, at + 20, 4) == entry.size)
            at += 46 + length + number(file, at + 30, 2)
            return entry
        }
    }

    @Test("an .npz is a stored zip of NumPy files, aligned, with the checksums of what it holds")
    func npz() throws {
        let values = (0..<120).map { UInt8($0) }
        let array = ArrayDescription(name: "image", elementType: .uint16, sizes: [1, 3, 4, 5, 1])
        let frame = ArrayFrame.npz(
            array, crc32: crc32(values),
            more: [("affine", [4, 4], (0..<16).map { Double($0) / 3 }), ("spacing_ijk", [3], [1, 2, 0.5])])
        let file = frame.start + values + frame.end
        let entries = directory(file)
        #expect(entries.map(\.name) == ["image.npy", "affine.npy", "spacing_ijk.npy"])
        let folder = TemporaryFolder()
        var arrays: [NPYArray] = []
        for entry in entries {
            let at = entry.offset
            #expect(number(file, at, 4) == 0x0403_4b50)
            #expect(number(file, at + 4, 2) == 20)
            #expect(number(file, at + 6, 8) == 0x21 << 48)
            #expect(number(file, at + 14, 4) == entry.crc32)
            #expect([number(file, at + 18, 4), number(file, at + 22, 4)] == [entry.size, entry.size])
            let start = at + 30 + number(file, at + 26, 2) + number(file, at + 28, 2)
            #expect(start % 64 == 0)
            let content = Array(file[start..<start + entry.size])
            #expect(Int(NIfTIBuilder.crc32(content)) == entry.crc32)
            arrays.append(try NPYReader.read(ScanPath(folder.write(content, to: entry.name))))
        }
        #expect(arrays[0].bytes == values)
        #expect(arrays[0].sizes == [1, 3, 4, 5, 1])
        #expect(arrays[1].doubles == (0..<16).map { Double($0) / 3 })
        #expect(arrays[2].doubles == [1, 2, 0.5])
    }

    @Test("from 4 GiB on an .npz says sizes and places in 64 bits")
    func zip64() {
        let size = 5 << 30
        let array = ArrayDescription(name: "image", elementType: .float32, sizes: [size / 4])
        let frame = ArrayFrame.npz(array, crc32: 0, more: [("spacing_ijk", [1], [1])])
        let start = frame.start
        #expect(number(start, 4, 2) == 45)
        #expect([number(start, 18, 4), number(start, 22, 4)] == [0xffff_ffff, 0xffff_ffff])
        let extra = 30 + number(start, 26, 2)
        #expect([number(start, extra, 2), number(start, extra + 2, 2)] == [1, 16])
        let member = start.count + size - (extra + number(start, 28, 2))
        #expect([number(start, extra + 4, 8), number(start, extra + 12, 8)] == [member, member])
        let (end, behind) = (frame.end, start.count + size)
        // The archive's end: its 64-bit record, where that is, and the short one.
        let (record, locator, short) = (end.count - 98, end.count - 42, end.count - 22)
        #expect(number(end, record, 4) == 0x0606_4b50)
        #expect([number(end, record + 4, 8), number(end, record + 32, 8)] == [44, 2])
        #expect(number(end, locator, 4) == 0x0706_4b50)
        #expect(number(end, locator + 8, 8) == behind + record)
        #expect(number(end, short + 16, 4) == 0xffff_ffff)
        let directory = number(end, record + 48, 8) - behind
        #expect(number(end, directory, 4) == 0x0201_4b50)
        let wide = directory + 46 + number(end, directory + 28, 2)
        #expect([number(end, wide, 2), number(end, wide + 2, 2)] == [1, 16])
        #expect(number(end, wide + 4, 8) == member)
        // Of the second entry only the place is large.
        let second = wide + number(end, directory + 30, 2)
        let place = second + 46 + number(end, second + 28, 2)
        #expect([number(end, place, 2), number(end, place + 2, 2)] == [1, 8])
        #expect(number(end, place + 4, 8) == behind)
        #expect(number(end, 0, 4) == 0x0403_4b50)
    }

    @Test("numpy finds its way in an .npz of 5 GiB, most of it a hole", .enabled(if: Self.hasNumPy))
    func large() throws {
        let folder = TemporaryFolder()
        let array = ArrayDescription(name: "image", elementType: .float32, sizes: [1, 5 << 10, 512, 512, 1])
        let frame = ArrayFrame.npz(array, crc32: 0, more: [("spacing_ijk", [3], [1, 2, 0.5])])
        let path = folder.write(frame.start, to: "a.npz")
        let file = try #require(fopen(path, "r+b"))
        fseek(file, frame.start.count + frame.valueBytes, SEEK_SET)
        fwrite(frame.end, 1, frame.end.count, file)
        fclose(file)
        let script = """
            import numpy, sys, zipfile
            opened = numpy.load(sys.argv[1])
            with opened.zip.open("image.npy") as member:
                numpy.lib.format.read_magic(member)
                print(numpy.lib.format.read_array_header_1_0(member), opened["spacing_ijk"].tolist())
            print([entry.file_size for entry in opened.zip.infolist()])
            """
        #expect(
            Self.python(script, path) == """
                ((1, 5120, 512, 512, 1), False, dtype('float32')) [1.0, 2.0, 0.5]
                [5368709248, 152]

                """)
    }

    private static let hasNumPy = python("import numpy; print(1)", "") == "1\n"

    private static func python(_ script: String, _ argument: String) -> String {
        guard let stream = popen("python3 -c '\(script)' \(argument) 2>&1", "r") else { return "" }
        defer { pclose(stream) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&part, 1, part.count, stream), count > 0 { bytes += part[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(
        "a safetensors header is JSON, padded so that the values begin at a multiple of 64",
        arguments: [
            (ElementType.float32, "F32"), (.uint8, "U8"), (.int16, "I16"), (.int64, "I64"), (.uint32, "U32"),
        ])
    func safetensors(type: ElementType, name: String) throws {
        let array = ArrayDescription(name: "label", elementType: .init(type), sizes: [1, 2, 3])
        let frame = ArrayFrame.safetensors(array, metadata: [("affine", "[[1, 0]]"), ("layout", "NDHWC")])
        let length = number(frame.start, 0, 8)
        #expect(frame.start.count == 8 + length)
        #expect(frame.start.count % 64 == 0)
        #expect(frame.start[8] == UInt8(ascii: "{"))
        #expect(frame.end == [] && frame.valueBytes == 6 * type.size)
        let header = text(frame.start.dropFirst(8))
        let expected =
            #"{"__metadata__": {"affine": "[[1, 0]]", "layout": "NDHWC"}, "label": {"dtype": "\#(name)", "#
            + #""shape": [1, 2, 3], "data_offsets": [0, \#(6 * type.size)]}}"#
        #expect(header.hasPrefix(expected))
        #expect(header.dropFirst(expected.count).allSatisfy { $0 == " " })
    }
}
