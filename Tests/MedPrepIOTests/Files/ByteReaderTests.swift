import Glibc
import MedPrepCore
import MedPrepIO
import MedPrepTestSupport
import Testing

@Suite("ByteReader") struct ByteReaderTests {
    let folder = TemporaryFolder()

    /// The whole content, read in parts of `cut` bytes, and its CRC-32.
    func content(_ path: String, cut: Int = 1000) throws -> (bytes: [UInt8], crc32: UInt32) {
        var reader = try ByteReader(path: ScanPath(path))
        var (bytes, part) = ([UInt8](), [UInt8](repeating: 0, count: cut))
        while true {
            let count = try part.withUnsafeMutableBytes { try reader.read(into: $0) }
            bytes += part[..<count]
            if count < cut { return (bytes, reader.crc32) }
        }
    }

    /// Why the path cannot be opened, in words and as a code.
    func refusal(_ path: ScanPath) -> (text: String, code: String) {
        do throws(FileError) {
            _ = try ByteReader(path: path)
            return ("accepted", "")
        } catch {
            return (error.description, error.code)
        }
    }

    @Test(
        "reads plain and gzip alike, in any case of the name's letters",
        arguments: ["a.nii", "a.nii.gz", "A.NII.GZ"])
    func reads(name: String) throws {
        let bytes = Array("123456789".utf8)
        let path = folder.write(name == "a.nii" ? bytes : try compressed(bytes), to: name)
        let found = try content(path, cut: 4)
        #expect(found.bytes == bytes)
        #expect(found.crc32 == 0xcbf4_3926)
        let reader = try ByteReader(path: ScanPath(path))
        #expect(reader.isCompressed == (name != "a.nii"))
        #expect(reader.fileSize == folder.read(name).count)
        #expect(reader.upperBound == (name == "a.nii" ? 9 : reader.fileSize * 1032))
    }

    @Test("finish checks what nobody read and counts it", arguments: ["a.nii", "a.nii.gz"])
    func finish(name: String) throws {
        let bytes = wavyBytes(700_000)
        let path = ScanPath(folder.write(name == "a.nii" ? bytes : try compressed(bytes), to: name))
        var reader = try ByteReader(path: path)
        var part = [UInt8](repeating: 0, count: 352)
        #expect(try part.withUnsafeMutableBytes { try reader.read(into: $0) } == 352)
        #expect(try reader.finish() == 700_000 - 352)
        #expect(reader.position == 700_000)
        let whole = try content("\(path)")
        #expect(reader.crc32 == whole.crc32)
        #expect(try reader.finish() == 0)
    }

    @Test("finish refuses a trailer that is wrong or missing")
    func trailer() throws {
        var file = try compressed([1, 2, 3])
        file[file.count - 1] ^= 1
        for bytes in [file, file.dropLast(8)] {
            var reader = try ByteReader(path: ScanPath(folder.write(bytes, to: "a.nii.gz")))
            var part: [UInt8] = [0, 0, 0]
            _ = try? part.withUnsafeMutableBytes { try reader.read(into: $0) }
            do throws(ByteReaderError) {
                _ = try reader.finish()
                Issue.record("accepted")
            } catch {
                #expect(error.code == "bad_gzip")
            }
        }
    }

    @Test("refuses by name what is no regular file")
    func notAFile() throws {
        let (pipe, inner) = (folder.file("pipe.nii"), folder.file("folder.nii"))
        mkfifo(pipe, 0o600)
        mkdir(inner, 0o700)
        symlink(pipe, folder.file("link.nii"))
        let ending = ", not a regular file; name a scan"
        #expect(refusal(ScanPath(pipe)) == ("this is a named pipe (FIFO)" + ending, "not_a_file"))
        #expect(refusal(ScanPath(folder.file("link.nii"))).text == "this is a named pipe (FIFO)" + ending)
        #expect(refusal(ScanPath(inner)).text == "this is a folder" + ending)
        #expect(refusal(ScanPath("/dev/zero")).text == "this is a device" + ending)
    }

    @Test("refuses by name what is missing, empty or has the wrong ending")
    func wrongContent() throws {
        let missing = refusal(ScanPath(folder.file("missing.nii")))
        #expect(missing == ("cannot open the scan: No such file or directory", "not_found"))
        #expect(refusal(ScanPath("")).text == missing.text)
        let nul = ScanPath(folder.write([1], to: "a.nii") + "\0")
        #expect(refusal(nul).text == missing.text)
        let empty = refusal(ScanPath(folder.write([], to: "empty.nii.gz")))
        #expect(empty == ("the file is empty (0 bytes); fetch it again", "empty_file"))
        let plain = refusal(ScanPath(folder.write([0x5c, 1, 0], to: "plain.nii.gz")))
        #expect(
            plain.text
                == "the name ends in .gz but the content is not compressed (it begins with 5c 01, gzip with "
                + "1f 8b); rename it without .gz, or fetch it again")
        #expect(plain.code == "bad_gzip")
        let hidden = refusal(ScanPath(folder.write(try compressed([1]), to: "hidden.nii")))
        #expect(
            hidden.text
                == "the content is compressed with gzip but the name does not end in .gz; add .gz to the name"
        )
    }

    @Test("the voxels of an .img may begin with any bytes")
    func image() throws {
        let bytes: [UInt8] = [0x1f, 0x8b, 8, 0]
        #expect(try content(folder.write(bytes, to: "a.img")).bytes == bytes)
    }

    @Test("refuses a file it may not read", .enabled(if: geteuid() != 0))
    func unreadable() {
        let path = folder.write([1], to: "a.nii")
        chmod(path, 0)
        #expect(refusal(ScanPath(path)) == ("cannot open the scan: Permission denied", "cannot_read"))
    }

    @Test(
        "reads names of any bytes",
        arguments: [
            Array("a b '\"$(x).nii".utf8), Array("-line\nend.nii".utf8), [0xff, 0xfe] + Array(".nii".utf8),
            Array(repeating: 0x61, count: 251) + Array(".nii".utf8),
        ])
    func names(name: [UInt8]) throws {
        let path = ScanPath(folder.path).appending(ScanPath(bytes: name))
        var writer = try ByteWriter(path: path)
        try writer.write([1, 2])
        _ = try writer.commit()
        var reader = try ByteReader(path: path)
        #expect(try reader.finish() == 2)
        #expect(folder.names.count == 1)
    }

    @Test("follows a link to a scan, and never looks beside the path given")
    func link() throws {
        folder.write([1, 2, 3], to: "a.nii")
        folder.write(try compressed([4]), to: "a.nii.gz")
        symlink("a.nii.gz", folder.file("b.nii.gz"))
        #expect(try content(folder.file("b.nii.gz")).bytes == [4])
        #expect(try content(folder.file("a.nii")).bytes == [1, 2, 3])
    }
}
