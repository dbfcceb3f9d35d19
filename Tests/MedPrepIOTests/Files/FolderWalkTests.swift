import Glibc
import MedPrepIO
import MedPrepTestSupport
import Testing

@Suite("FolderWalk") struct FolderWalkTests {
    let folder = TemporaryFolder()

    func paths() throws -> [String] {
        try FolderWalk(ScanPath(folder.path)).scans.map { "\($0.path)" }
    }

    @Test("finds scans in byte order, and only scans")
    func order() throws {
        for name in ["b/a.nii", "b.nii", "B.NII.GZ", "a/z.hdr", "a/z.img", "c/d/e.Hdr.gz", "é.nii"] {
            folder.write([1, 2], to: name)
        }
        for name in ["a.txt", "._a.nii", "b/._b.nii.gz", ".nii", "a.nii.json", ".medprep/x"] {
            folder.write([1], to: name)
        }
        #expect(try paths() == ["B.NII.GZ", "a/z.hdr", "b.nii", "b/a.nii", "c/d/e.Hdr.gz", "é.nii"])
        let scan = try FolderWalk(ScanPath(folder.path)).scans[0]
        #expect(scan.size == 2)
        #expect(scan.kind == .regular)
        #expect(scan.modified > 1_600_000_000_000_000_000)
        #expect(FoundScan(named: ScanPath(folder.file("b.nii")))?.modified != nil)
        #expect(FoundScan(named: ScanPath(folder.file("none.nii"))) == nil)
    }

    @Test("counts a linked folder once, under its own name, and ends in a circle")
    func links() throws {
        folder.write([1], to: "real/a.nii")
        symlink("real", folder.file("again"))
        symlink("..", folder.file("real/up"))
        symlink(".", folder.file("self"))
        #expect(try paths() == ["real/a.nii"])
        let outside = TemporaryFolder()
        outside.write([1], to: "b.nii")
        symlink(outside.path, folder.file("one"))
        symlink(outside.path, folder.file("two"))
        #expect(try paths() == ["one/b.nii", "real/a.nii"])
    }

    @Test("flags what is not regular by its name alone, folders too")
    func kinds() throws {
        mkfifo(folder.file("a.nii"), 0o600)
        symlink("nowhere", folder.file("b.nii.gz"))
        folder.write([1], to: "c.nii/d.nii")
        symlink("c.nii/d.nii", folder.file("e.nii"))
        symlink("f.nii", folder.file("f.nii"))
        symlink("c.nii", folder.file("g.nii"))
        symlink("/dev/null", folder.file("h.nii"))
        folder.write([1], to: ".nii/i.nii")
        let scans = try FolderWalk(ScanPath(folder.path)).scans
        #expect(
            scans.map { "\($0.path)" } == [
                ".nii/i.nii", "a.nii", "b.nii.gz", "c.nii", "e.nii", "f.nii", "g.nii", "h.nii",
            ])
        #expect(
            scans.map { $0.kind } == [
                .regular, .pipe, .brokenLink, .folder, .regular, .brokenLink, .folder, .device,
            ])
    }

    @Test("keeps names of any bytes")
    func names() throws {
        let root = ScanPath(folder.path)
        let names = [[0xff], Array("a\nb".utf8), Array(repeating: 0x62, count: 251)].map {
            ScanPath(bytes: $0 + Array(".nii".utf8))
        }
        for name in names { _ = try ByteWriter(path: root.appending(name)).commit() }
        #expect(try FolderWalk(root).scans.map { $0.path } == names.sorted())
    }

    @Test(
        "a root that cannot be listed is an error, a folder below it is named", .enabled(if: geteuid() != 0))
    func unreadable() throws {
        folder.write([1], to: "a/a.nii")
        folder.write([1], to: "b/b.nii")
        chmod(folder.file("a"), 0)
        let walk = try FolderWalk(ScanPath(folder.path))
        #expect(walk.scans.map { "\($0.path)" } == ["b/b.nii"])
        #expect(
            walk.unreadable.map { "\($0.folder): \($0.error)" } == [
                "a: cannot list the input folder: Permission denied"
            ])
    }

    @Test("a missing root is an error")
    func missing() {
        #expect { try FolderWalk(ScanPath(folder.file("none"))) } throws: {
            "\($0)" == "cannot list the input folder: No such file or directory"
        }
    }
}
