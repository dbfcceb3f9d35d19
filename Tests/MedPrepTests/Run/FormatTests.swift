import MedPrep
import MedPrepCore
import MedPrepIO
import MedPrepTestSupport
import Testing

@Suite("Run: formats") struct FormatTests {
    /// Five volumes of 6 by 5 by 4.
    private func series() -> RunLab {
        let lab = RunLab()
        lab.scan("bold.nii", sizes: [6, 5, 4, 3], seed: 5)
        return lab
    }

    @Test("a 4-D series is channels, or with fourth_axis \"batch\" samples")
    func fourthAxis() throws {
        let lab = series()
        try lab.run(lab.pipeline(""), to: "channels")
        #expect(try lab.json("channels/bold.json")["result"]?["shape_ndhwc"] == [1, 4, 5, 6, 3])
        let pipeline = try lab.pipeline(#"{"op": "batch_norm"}"#, input: #""fourth_axis": "batch""#)
        try lab.run(pipeline, to: "batch")
        #expect(try lab.json("batch/bold.json")["result"]?["shape_ndhwc"] == [3, 4, 5, 6, 1])
        #expect(try lab.json("batch/bold.json")["steps"]?.array?[0]["batch"]?["n"]?.int == 3)
        let report = try lab.json("batch/report.json")["steps"]?.array?.first?["report"]
        #expect(report?["batch_size"]?.int == 3)
        #expect(report?["samples"]?.int == 3)
        let written = try lab.volume("batch/bold.nii.gz")
        #expect(written.tensor.shape.c == 3)
    }

    @Test("an untouched series comes out as it went in")
    func untouched() throws {
        let lab = series()
        for axis in ["channel", "batch"] {
            let pipeline = try lab.pipeline(
                "", input: #""fourth_axis": "\#(axis)""#, output: #""format": "nii""#)
            try lab.run(pipeline, to: axis)
            let (before, after) = (try lab.volume("in/bold.nii"), try lab.volume("\(axis)/bold.nii"))
            let isSame = before.tensor.values == after.tensor.values
            #expect(isSame)
            #expect(before.grid == after.grid)
        }
    }

    @Test(".npy in NDHWC and NCDHW hold the same voxels")
    func npy() throws {
        let lab = series()
        try lab.run(lab.pipeline("", output: #""format": "npy""#), to: "last")
        try lab.run(lab.pipeline("", output: #""format": "npy", "layout": "NCDHW""#), to: "first")
        let last = try NPYReader.read(ScanPath(lab.folder.file("last/bold.npy")))
        let first = try NPYReader.read(ScanPath(lab.folder.file("first/bold.npy")))
        #expect(last.sizes == [1, 4, 5, 6, 3])
        #expect(first.sizes == [1, 3, 4, 5, 6])
        let tensor = try lab.volume("in/bold.nii").tensor
        let isLastSame = floats(last.bytes) == tensor.values
        let isFirstSame = floats(first.bytes) == (0..<3).flatMap { tensor.channel($0) }
        #expect(isLastSame)
        #expect(isFirstSame)
        #expect(try lab.json("first/bold.json")["output"]?.array?.first?["layout"]?.string == "NCDHW")
    }

    private func floats(_ bytes: [UInt8]) -> [Float] {
        bytes.withUnsafeBytes { raw in
            stride(from: 0, to: raw.count, by: 4).map {
                Float(bitPattern: raw.loadUnaligned(fromByteOffset: $0, as: UInt32.self))
            }
        }
    }

    @Test(
        "every compression decodes to the same bytes",
        arguments: [#""fast""#, #""balanced""#, "1", "9", #""none""#])
    func compression(level: String) throws {
        let lab = series()
        try lab.run(lab.pipeline("", output: #""format": "nii""#), to: "plain")
        try lab.run(lab.pipeline("", output: #""compression": \#(level)"#))
        let packed = try NIfTIReader().readStatistics(ScanPath(lab.folder.file("out/bold.nii.gz"))).reading
            .crc32
        #expect(packed == NIfTIBuilder.crc32(lab.folder.read("plain/bold.nii")))
        let gzip = lab.folder.read("out/bold.nii.gz")
        #expect(Array(gzip.prefix(8)) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0])
    }

    @Test("an .hdr/.img pair is one scan")
    func pair() throws {
        let lab = RunLab()
        var file = NIfTIBuilder(.int16, sizes: [2, 2, 2], values: [0, 1, 2, 3, 4, 5, 6, 7])
        file.isPair = true
        lab.folder.write(file.file, to: "in/p.hdr")
        lab.folder.write(file.voxels, to: "in/p.img")
        let pipeline = try lab.pipeline("")
        #expect(try lab.run(pipeline).written == 1)
        #expect(try lab.volume("out/p.nii.gz").tensor.values == [0, 1, 2, 3, 4, 5, 6, 7])
        lab.folder.write(file.voxels.map { $0 == 7 ? 9 : $0 }, to: "in/p.img")
        #expect(try lab.run(pipeline).written == 1)
        #expect(try lab.volume("out/p.nii.gz").tensor.values.last == 9)
    }

    @Test("unknown orientation stays unknown; orient refuses it, or keeps it when told to")
    func unknownOrientation() throws {
        let lab = RunLab()
        lab.scan("a.nii") { $0.sformCode = 0 }
        try lab.run(lab.pipeline(#"{"op": "zscore"}"#))
        #expect(try !lab.volume("out/a.nii.gz").grid.isOriented)
        #expect(try lab.json("out/a.json")["result"]?["orientation"] == .null)
        let outcome = try lab.run(lab.pipeline(#"{"op": "orient"}"#))
        #expect(outcome.failures.map(\.failure.code) == ["unknown_orientation"])
        #expect(try lab.run(lab.pipeline(#"{"op": "orient", "on_unknown": "keep"}"#)).written == 1)
    }
}
