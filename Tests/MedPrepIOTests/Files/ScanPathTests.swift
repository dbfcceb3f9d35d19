import MedPrepIO
import Testing

@Suite("ScanPath") struct ScanPathTests {
    @Test(
        "takes a path apart",
        arguments: [
            ("a/b/c.nii", "c.nii", "a/b"), ("c.nii", "c.nii", "."), ("/c", "c", "/"), ("/", "", "/"),
            ("a//b/", "b", "a"),
            ("", "", "."),
        ])
    func parts(path: String, name: String, folder: String) {
        #expect(ScanPath(path).name == ScanPath(name))
        #expect(ScanPath(path).folder == ScanPath(folder))
    }

    @Test(
        "joins paths",
        arguments: [
            ("a", "b", "a/b"), ("a/", "b", "a/b"), ("", "b", "b"), ("a", "", "a"), ("a", "/b", "/b"),
            ("/", "b", "/b"),
        ])
    func appending(base: String, path: String, expected: String) {
        #expect(ScanPath(base).appending(path) == ScanPath(expected))
    }

    @Test("is relative to the folders above it only")
    func relative() {
        #expect(ScanPath("a/b/c").relative(to: ScanPath("a")) == ScanPath("b/c"))
        #expect(ScanPath("a/b/c").relative(to: ScanPath("a/b/")) == ScanPath("c"))
        #expect(ScanPath("a/b").relative(to: ScanPath("")) == ScanPath("a/b"))
        #expect(ScanPath("ab/c").relative(to: ScanPath("a")) == nil)
        #expect(ScanPath("/a").relative(to: ScanPath("")) == nil)
    }

    @Test(
        "knows a scan's ending in any case of letters",
        arguments: [
            ("a.nii.gz", ".nii.gz", "a"), ("A.NII.Gz", ".nii.gz", "A"), ("x/a.b.HDR", ".hdr", "x/a.b"),
            ("a.img.gz", ".img.gz", "a"), ("a.nii", ".nii", "a"),
        ])
    func scanExtension(path: String, ending: String, stem: String) {
        #expect(ScanPath(path).scanExtension == ending)
        #expect(ScanPath(path).withoutScanExtension == ScanPath(stem))
        #expect(ScanPath(path).withoutScanExtension.adding(suffix: ".npy") == ScanPath(stem + ".npy"))
    }

    @Test(
        "knows what is no scan", arguments: [".nii", "x/.nii.gz", "a.nii.txt", "a.gz", "anii", "", "a.nii/"])
    func noScan(path: String) {
        #expect(ScanPath(path).scanExtension == nil)
        #expect(ScanPath(path).withoutScanExtension == ScanPath(path))
    }

    @Test(
        "is shown as valid text on one line, differently for every path",
        arguments: [
            (Array("a b/ü.nii".utf8), "a b/ü.nii"), ([0x61, 0xff, 0xc3], "a\\xff\\xc3"),
            ([0x0a, 0x1b], "\\u{a}\\u{1b}"),
            (Array("\\u{a}".utf8), "\\\\u{a}"),
            (Array("\u{202e}\u{85}\u{2028}".utf8), "\\u{202e}\\u{85}\\u{2028}"),
            ([0xe2, 0x82, 0x41], "\\xe2\\x82A"), ([0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"),
        ])
    func shown(bytes: [UInt8], text: String) {
        #expect("\(ScanPath(bytes: bytes))" == text)
    }

    @Test("is ordered by bytes")
    func order() {
        let names = ["B", "a", "a/b", "a.nii", "é", "Z"].map { ScanPath($0) }.sorted()
        #expect(names.map { "\($0)" } == ["B", "Z", "a", "a.nii", "a/b", "é"])
    }

    @Test("a NUL byte never cuts a path")
    func nul() {
        let length = ScanPath("a.nii\0b").withCString { $0[0] }
        #expect(length == 0)
    }
}
