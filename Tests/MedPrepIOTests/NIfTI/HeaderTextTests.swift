import MedPrepCore
import MedPrepIO
import MedPrepTestSupport
import Testing

@Suite("HeaderText") struct HeaderTextTests {
    private let folder = TemporaryFolder()

    /// An extension as files store it.
    private func stored(_ code: Int32, _ content: [UInt8], isBigEndian: Bool, length: Int32? = nil) -> [UInt8]
    {
        let numbers = [length ?? Int32(content.count + 8), code]
        return numbers.flatMap { number in
            withUnsafeBytes(of: isBigEndian ? number.bigEndian : number.littleEndian) { Array($0) }
        } + content
    }

    private func letters(_ letter: Character, _ count: Int) -> [UInt8] {
        Array(String(repeating: letter, count: count).utf8)
    }

    private func scan(version: Int, isBigEndian: Bool, broken: Bool = false) -> NIfTIBuilder {
        var file = NIfTIBuilder(
            .int16, sizes: [2, 2, 2], values: [0, 1, 2, 3, 4, 5, 6, 7], isBigEndian: isBigEndian)
        file.version = version
        file.descrip = "TE=30\0left over"
        file.gap =
            [1, 0, 0, 0] + stored(6, letters("a", 24), isBigEndian: isBigEndian)
            + stored(44, letters("b", 8), isBigEndian: isBigEndian)
        if broken { file.gap += stored(2, letters("c", 8), isBigEndian: isBigEndian, length: 4000) }
        file.gap += [UInt8](repeating: 0, count: 16) + letters("g", 16)
        return file
    }

    private func read(_ path: String, keeps: Bool = true) throws -> Volume {
        var reader = NIfTIReader()
        reader.keepsHeaderText = keeps
        return try reader.read(ScanPath(path)).volume
    }

    private func expected() -> HeaderText {
        HeaderText(
            descrip: Array("TE=30".utf8),
            extensions: [
                .init(code: 6, content: letters("a", 24)), .init(code: 44, content: letters("b", 8)),
            ])
    }

    @Test(
        "texts up to their NUL and whole extensions come along where they are kept, and are written again",
        arguments: [(1, false), (1, true), (2, false), (2, true)])
    func kept(version: Int, isBigEndian: Bool) throws {
        for broken in [false, true] {
            let file = scan(version: version, isBigEndian: isBigEndian, broken: broken)
            let path = folder.write(file.file, to: "a.nii")
            let volume = try read(path)
            #expect(volume.source.headerText == expected())
            let copy = ScanPath(folder.file("b.nii.gz"))
            try NIfTIWriter.write(volume, to: copy)
            let again = try read(copy.description)
            #expect(again.source.headerText == expected())
            #expect(again.tensor.values == [0, 1, 2, 3, 4, 5, 6, 7])
            #expect(try NIfTIReader().readHeader(copy).voxOffset == 352 + 32 + 16)
            #expect(try read(path, keeps: false).source.headerText == nil)
        }
    }

    @Test("those of a pair stand in the header file", arguments: [false, true])
    func pair(isBigEndian: Bool) throws {
        var file = scan(version: 1, isBigEndian: isBigEndian)
        file.isPair = true
        let path = folder.write(file.file, to: "p.hdr")
        folder.write(file.voxels, to: "p.img")
        #expect(try read(path).source.headerText == expected())
        file.gap = []
        folder.write(file.file, to: "p.hdr")
        #expect(try read(path).source.headerText == HeaderText(descrip: Array("TE=30".utf8)))
    }

    @Test("full fields are kept to their last byte")
    func full() throws {
        var file = NIfTIBuilder(.uint8, sizes: [1, 1, 1], values: [3]).file
        for (offset, count, letter) in [(14, 18, "d"), (148, 80, "e"), (228, 24, "f"), (328, 16, "i")] {
            file.replaceSubrange(offset..<offset + count, with: letters(Character(letter), count))
        }
        let volume = try read(folder.write(file, to: "full.nii"))
        let text = HeaderText(
            descrip: letters("e", 80), auxFile: letters("f", 24), intentName: letters("i", 16),
            dbName: letters("d", 18))
        #expect(volume.source.headerText == text)
        let copy = ScanPath(folder.file("copy.nii"))
        try NIfTIWriter.write(volume, to: copy)
        #expect(try read(copy.description).source.headerText == text)
    }
}
