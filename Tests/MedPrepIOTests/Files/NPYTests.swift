import MedPrepCore
import MedPrepIO
import MedPrepTestSupport
import Testing

@Suite("ArrayFrame.npy and NPYReader") struct NPYTests {
    let folder = TemporaryFolder()

    /// A file of version `version` with this dictionary and content.
    func file(_ dictionary: String, _ content: [UInt8] = [], version: [UInt8] = [1, 0], length: Int? = nil)
        -> ScanPath
    {
        let count = length ?? dictionary.utf8.count
        let lengthBytes = (0..<(version[0] == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
        let bytes = [0x93] + Array("NUMPY".utf8) + version + lengthBytes + Array(dictionary.utf8) + content
        return ScanPath(folder.write(bytes, to: "a.npy"))
    }

    func description(_ type: ElementType, _ sizes: [Int]) -> ArrayDescription {
        ArrayDescription(name: "image", elementType: .init(type), sizes: sizes)
    }

    func refusal(_ path: ScanPath) -> String {
        do throws(NPYError) { return "accepted \(try NPYReader.read(path).sizes)" } catch {
            return "\(error)"
        }
    }

    @Test(
        "writes NumPy's own header",
        arguments: [
            (
                ElementType.float32, [1, 2, 3, 4, 1],
                "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3, 4, 1), }"
            ),
            (.uint8, [7], "{'descr': '|u1', 'fortran_order': False, 'shape': (7,), }"),
            (.int16, [1, 1], "{'descr': '<i2', 'fortran_order': False, 'shape': (1, 1), }"),
            (.float32, Array(repeating: 1, count: 32), "{"),
        ])
    func header(type: ElementType, sizes: [Int], dictionary: String) {
        let header = ArrayFrame.npy(description(type, sizes)).start
        #expect(header.count % 64 == 0)
        #expect(header.starts(with: [0x93] + Array("NUMPY".utf8) + [1, 0]))
        #expect(Int(header[8]) + Int(header[9]) << 8 == header.count - 10)
        #expect(header.last == 10)
        #expect(header.dropFirst(10).starts(with: dictionary.utf8))
        if dictionary != "{" {
            #expect(header.dropFirst(10 + dictionary.utf8.count).dropLast().allSatisfy { $0 == 32 })
        }
    }

    @Test("comes back, every type", arguments: ElementType.allCases)
    func roundTrip(type: ElementType) throws {
        let path = ScanPath(folder.file("x/a.npy"))
        var writer = try ArrayWriter(path: path, .npy(description(type, [1, 2, 3])))
        let bytes = noiseBytes(6 * type.size)
        try bytes.prefix(5).withUnsafeBytes { try writer.write($0) }
        try bytes.dropFirst(5).withUnsafeBytes { try writer.write($0) }
        let written = try writer.commit()
        let array = try NPYReader.read(path)
        #expect(array.bytes == bytes)
        #expect(array.sizes == [1, 2, 3])
        #expect(array.elementType.size == type.size)
        #expect(written.fileSize == 128 + bytes.count)
        #expect(array.doubles.count == 6)
    }

    @Test(
        "reads the values of each type",
        arguments: [
            ("|b1", [0, 1], [0, 1]), ("|u1", [0, 255], [0, 255]), ("|i1", [0x80, 1], [-128, 1]),
            ("<u1", [3, 4], [3, 4]),
            ("<u2", [0xff, 0xff, 1, 0], [65535, 1]), ("<i2", [0xff, 0xff, 1, 0], [-1, 1]),
            ("<u4", [0xff, 0xff, 0xff, 0xff, 0, 1, 0, 0], [4_294_967_295, 256]),
            ("<i4", [0xfe, 0xff, 0xff, 0xff, 0, 1, 0, 0], [-2, 256]),
            ("<f4", [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0], [1, -2]),
            ("<i8", [0xff, 255, 255, 255, 255, 255, 255, 255, 7, 0, 0, 0, 0, 0, 0, 0], [-1, 7]),
            ("<u8", [1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0], [1, 7]),
            ("<f2", [0, 0x3c, 0xff, 0x7b], [1, 65504]),
            ("<f8", [0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0x80], [1.5, 0]),
        ] as [(String, [UInt8], [Double])])
    func values(descriptor: String, content: [UInt8], expected: [Double]) throws {
        let array = try NPYReader.read(
            file("{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (2,)}", content))
        #expect(array.doubles == expected)
        #expect(array.floats == expected.map { Float($0) })
    }

    @Test("takes any spelling and version")
    func spellings() throws {
        let content: [UInt8] = [1, 2]
        for (text, version) in [
            ("{\"shape\":(2,),\"descr\":\"|u1\",\"fortran_order\":False}", [1, 0]),
            (" { 'shape' : ( 2 , ) , 'fortran_order' : True , 'descr' : '|u1' , } \n", [2, 0]),
            ("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2), }", [3, 0]),
        ] as [(String, [UInt8])] {
            #expect(try NPYReader.read(file(text, content, version: version)).bytes == content, "\(text)")
        }
        let single = try NPYReader.read(file("{'descr': '|u1', 'fortran_order': False, 'shape': ()}", [9]))
        #expect(single.sizes.isEmpty && single.doubles == [9])
        let none = try NPYReader.read(file("{'descr': '<f8', 'fortran_order': False, 'shape': (3, 0)}"))
        #expect(none.sizes == [3, 0] && none.count == 0)
    }

    @Test(
        "refuses a hostile header",
        arguments: [
            (
                "{'descr': '|u1', 'fortran_order': False, 'shape': (9223372036854775807, 9223372036854775807)}",
                "too large"
            ),
            ("{'descr': '<f8', 'fortran_order': False, 'shape': (2305843009213693952,)}", "too large"),
            (
                "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,)}",
                "a size is no whole number"
            ),
            ("{'descr': '|u1', 'fortran_order': False, 'shape': (-1,)}", "a size is no whole number"),
            (
                "{'descr': '|u1', 'fortran_order': False, 'shape': (1099511627776,)}",
                "its header promises 1099511627776"
            ),
            ("{'descr': '|u1', 'fortran_order': False, 'shape': (4", ") is missing"),
            ("{'descr': '|u1', 'fortran_order': False}", "shape is missing"),
            ("{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1,)}", "stands twice"),
            ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "' is missing"),
            ("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "type |O is not read"),
            ("{'descr': '>f4', 'fortran_order': False, 'shape': (1,)}", "type >f4 is not read"),
            ("{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}", "type <c8 is not read"),
            ("{'descr': '', 'fortran_order': False, 'shape': (1,)}", "is not read"),
            ("{'descr': '|u1', 'fortran_order': True, 'shape': (1, 1)}", "Fortran order"),
            ("{'descr': '|u1', 'fortran_order': 1, 'shape': (1,)}", "neither True nor False"),
            ("{'descr': '|u1', 'fortran_order': False, 'shape': (1,)} x", "behind the closing brace"),
            ("{'descr': '|u1", "a text has no end"), ("", "{ is missing"), ("{", "' is missing"),
        ])
    func hostile(dictionary: String, reason: String) {
        let text = refusal(file(dictionary, [1, 2]))
        #expect(text.contains(reason), "\(text)")
    }

    @Test("refuses a file that is too short, too long or none of NumPy's")
    func lengths() {
        let dictionary = "{'descr': '<u2', 'fortran_order': False, 'shape': (2,), }"
        #expect(
            refusal(file(dictionary, [1, 2, 3]))
                == "the file holds 3 bytes where its header promises 4; save it again")
        #expect(
            refusal(file(dictionary, [1, 2, 3, 4, 5])) == "1 bytes stand behind the array; save it again")
        #expect(
            refusal(file(dictionary, length: 60_000))
                == "the NumPy header is damaged: its header of 60000 bytes is longer than the file or 1 MiB; "
                + "save the file again")
        #expect(
            refusal(file(dictionary, version: [2, 0], length: 0xffff_ffff)).contains("longer than the file"))
        #expect(
            refusal(file(dictionary, version: [4, 0]))
                == "the NumPy file has version 4.0; versions 1.0, 2.0 and 3.0 can be read")
        let other = ScanPath(folder.write(Array("PK\u{3}\u{4}....".utf8), to: "b.npy"))
        #expect(
            refusal(other)
                == "this is not a NumPy file: it does not begin with \\x93NUMPY; save it with numpy.save")
        #expect(refusal(ScanPath(folder.write([0x93], to: "c.npy"))).hasPrefix("this is not a NumPy file"))
        #expect(refusal(ScanPath(folder.file("d.npy"))) == "cannot open the scan: No such file or directory")
    }
}
