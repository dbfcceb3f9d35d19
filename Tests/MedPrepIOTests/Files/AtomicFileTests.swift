import Glibc
import MedPrepCore
import MedPrepIO
import MedPrepTestSupport
import Testing

@Suite("AtomicFile") struct AtomicFileTests {
    let folder = TemporaryFolder()

    func written(_ bytes: [UInt8], to path: String) throws -> AtomicFile {
        var file = try AtomicFile(ScanPath(path))
        try bytes.withUnsafeBytes { try file.write($0) }
        return file
    }

    /// The error of beginning and ending a file under this path.
    func refusal(_ path: ScanPath) -> (text: String, code: String) {
        do throws(FileError) {
            let file = try AtomicFile(path)
            try file.commit()
            return ("accepted", "")
        } catch {
            return (error.description, error.code)
        }
    }

    @Test("a secret is written once, for its owner, and never in place of another")
    func secret() throws {
        let path = ScanPath(folder.file("new/key"))
        #expect(try writeSecret("first", to: path))
        #expect(try !writeSecret("second", to: path))
        #expect(folder.read("new/key") == Array("first".utf8))
        #expect(folder.files() == ["new/key"])
        var status = stat()
        #expect(stat(path.description, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }

    @Test("a file that the disk gets in parts is whole")
    func large() throws {
        let bytes = (0..<5_000_000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
        var file = try AtomicFile(ScanPath(folder.file("large.nii")))
        var (start, size) = (0, 1)
        while start < bytes.count {
            let part = bytes[start..<min(start + size, bytes.count)]
            try part.withUnsafeBytes { try file.write($0) }
            (start, size) = (start + part.count, size * 3 + 1)
        }
        #expect(file.size == bytes.count)
        try file.commit()
        #expect(folder.read("large.nii") == bytes)
    }

    @Test("keeps the old file until the commit, and leaves nothing else")
    func commit() throws {
        folder.write([1], to: "a.npy")
        let file = try written([2, 3], to: folder.file("a.npy"))
        #expect(folder.read("a.npy") == [1])
        #expect(folder.names.count == 2)
        #expect(file.size == 2)
        try file.commit()
        #expect(folder.read("a.npy") == [2, 3])
        #expect(folder.names == ["a.npy"])
    }

    @Test("leaves nothing without a commit")
    func discard() throws {
        folder.write([1], to: "a.npy")
        do {
            let file = try written([2, 3], to: folder.file("a.npy"))
            _ = file.size
        }
        #expect(folder.names == ["a.npy"])
        #expect(folder.read("a.npy") == [1])
    }

    @Test("makes the folders on the way")
    func folders() throws {
        try written([1], to: folder.file("x/y/z/a.npy")).commit()
        #expect(folder.read("x/y/z/a.npy") == [1])
    }

    @Test("a name of 255 bytes has a temporary one too, one of 256 is refused at once")
    func longName() throws {
        let name = String(repeating: "a", count: 255)
        try written([1], to: folder.file(name)).commit()
        #expect(folder.names == [name])
        let long = refusal(ScanPath(folder.file(name + "a")))
        #expect(long == ("cannot create the output: File name too long", "cannot_write"))
    }

    @Test("says what could not be made")
    func refusals() {
        folder.write([1], to: "file")
        mkdir(folder.file("folder"), 0o700)
        let below = refusal(ScanPath(folder.file("file/a.npy")))
        #expect(below == ("cannot create the output folder: Not a directory", "cannot_write"))
        let onto = refusal(ScanPath(folder.file("folder")))
        #expect(onto.text == "cannot rename the output: Is a directory")
        #expect(folder.names == ["file", "folder"])
    }

    @Test("replaces what a dead process of the same number left")
    func sameProcessNumber() throws {
        var left = ""
        do {
            let file = try written([1], to: folder.file("a"))
            left = folder.names[0]
            _ = file.size
        }
        folder.write([9, 9, 9], to: left)
        try written([1], to: folder.file("a")).commit()
        #expect(folder.names == ["a"])
        #expect(folder.read("a") == [1])
    }

    @Test("the sweep takes what dead writers left and nothing else")
    func sweep() throws {
        folder.write([1], to: ".medprep-1-abc.tmp")
        folder.write([1], to: ".medprep-99999-0.tmp")
        for name in [".medprep.lock", "a.tmp", ".medprep-notes"] { folder.write([1], to: name) }
        let living = try written([2], to: folder.file("b"))
        #expect(AtomicFile.sweepTemporaries(in: ScanPath(folder.path)) == 2)
        try living.commit()
        #expect(folder.names == [".medprep-notes", ".medprep.lock", "a.tmp", "b"])
        #expect(AtomicFile.sweepTemporaries(in: ScanPath(folder.file("nowhere"))) == 0)
    }
}

@Suite("FolderLock") struct FolderLockTests {
    @Test("keeps a second run out and names the first")
    func second() throws {
        let folder = TemporaryFolder()
        let path = ScanPath(folder.file("out"))
        do {
            let first = try FolderLock(path)
            do throws(FileError) {
                _ = try FolderLock(path)
                Issue.record("two locks on one folder")
            } catch {
                let expected =
                    "another run (process \(getpid())) writes into this folder; wait for it or choose another folder"
                #expect(error.description == expected)
                #expect(error.code == "locked")
            }
            _ = consume first
        }
        // Free again, though the file is still there.
        #expect(folder.read("out/.medprep.lock") == Array("\(getpid())\n".utf8))
        _ = try FolderLock(path)
    }
}
