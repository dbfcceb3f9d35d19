import MedPrep
import MedPrepCore
import MedPrepIO
import MedPrepTestSupport
import Testing

@Suite("Run: .npz, .safetensors and small types") struct ArrayFormatTests {
    /// A case of two images and a label map.
    private func lab() -> RunLab {
        let lab = RunLab()
        lab.scan("c1/t1.nii", seed: 1)
        lab.scan("c1/flair.nii", seed: 2, mean: 70_000)
        lab.scan(
            "c1/seg.nii", .int16, sizes: [6, 5, 4], values: (0..<120).map { Double($0 % 7) * 100 })
        return lab
    }

    private static let input =
        #""images": {"t1": "{case}/t1*", "flair": "{case}/flair*"}, "labels": {"seg": "{case}/seg*"}"#

    private func outputs(_ lab: RunLab, _ folder: String) throws -> [JSONValue] {
        try #require(lab.json("\(folder)/c1.json")["output"]?.array)
    }

    /// The bytes of the values: where the file says they begin.
    private func values(_ file: [UInt8], count: Int) throws -> [UInt8] {
        if file.starts(with: Array("PK".utf8)) {
            let header = 30 + Int(file[26]) + Int(file[28]) + Int(file[29]) << 8
            let start = header + 10 + Int(file[header + 8]) + Int(file[header + 9]) << 8
            return Array(file[start..<start + count])
        }
        let length = (0..<8).reduce(0) { $0 | Int(file[$1]) << (8 * $1) }
        #expect(file.count == 8 + length + count)
        return Array(file[(8 + length)...])
    }

    @Test(
        "hold what .npy holds, in both layouts and types; labels keep their own",
        arguments: ["npz", "safetensors"], ["float32", "float16"])
    func content(format: String, dtype: String) throws {
        let lab = lab()
        for layout in ["NDHWC", "NCDHW"] {
            for name in ["npy", format] {
                let output =
                    #""format": "\#(name)", "dtype": "\#(dtype)", "layout": "\#(layout)", "names": "kept""#
                try lab.run(
                    lab.pipeline("", input: Self.input, output: output), to: "\(name)-\(layout)")
            }
            let plain = try outputs(lab, "npy-\(layout)")
            let told = try outputs(lab, "\(format)-\(layout)")
            for (index, file) in ["c1", "c1_seg"].enumerated() {
                let array = try NPYReader.read(
                    ScanPath(lab.folder.file("npy-\(layout)/\(file).npy")))
                let other = lab.folder.read("\(format)-\(layout)/\(file).\(format)")
                let isSame = try values(other, count: array.bytes.count) == array.bytes
                #expect(isSame)
                #expect(told[index]["format"]?.string == format)
                #expect(told[index]["name"]?.string == ["image", "label"][index])
                for key in ["layout", "shape", "dtype", "largest_error"] {
                    #expect(told[index][key] == plain[index][key])
                }
            }
            #expect(told[0]["dtype"]?.string == dtype)
            #expect(told[1]["dtype"]?.string == "int16")
        }
    }

    @Test("float16 and scaled int16 tell the largest error, in sidecar and report, with a finding")
    func errors() throws {
        let lab = lab()
        for (format, dtype, codes) in [
            ("npy", "float16", ["rounded_to_float16", "float16_overflow"]),
            ("nii", "int16", ["rounded_to_int16"]), ("nii.gz", "float32", []),
        ] as [(String, String, [String])] {
            let output = #""format": "\#(format)", "dtype": "\#(dtype)""#
            try lab.run(lab.pipeline("", input: Self.input, output: output), to: dtype)
            let sidecar = try lab.json("\(dtype)/c1.json")
            let found = (sidecar["findings"]?.array ?? []).compactMap { $0["code"]?.string }
            #expect(found == codes)
            let report = try lab.json("\(dtype)/report.json")
            let error = try outputs(lab, dtype)[0]["largest_error"]
            #expect(report["largest_error"]?["value"] == error)
            #expect(report["largest_error"]?["scan"]?.string == (codes.isEmpty ? nil : "c1"))
            #expect((report["findings"]?.array ?? []).count == codes.count)
        }
        let before = try lab.volume("float32/c1.nii.gz").tensor.values
        let after = try lab.volume("int16/c1.nii").tensor.values
        let worst = zip(before, after).map { abs(Double($0) - Double($1)) }.max() ?? 0
        let told = try #require(outputs(lab, "int16")[0]["largest_error"]?.double)
        // What is read is Float32 again: half a unit of 70,000 more.
        #expect(worst <= told + 0.004)
        #expect(told < 0.6)
        #expect(try lab.volume("int16/c1_seg.nii").source.elementType == .int16)
        let halves = try NPYReader.read(ScanPath(lab.folder.file("float16/c1.npy"))).doubles
        let most = zip(before, halves).map { abs(Double($0) - $1) }.max() ?? 0
        #expect(try outputs(lab, "float16")[0]["largest_error"]?.double == most)
        #expect(halves.max() == 65504)
        let message = try lab.json("float16/c1.json")["findings"]?.array?.last?["message"]?.string
        #expect(
            message?.hasPrefix("c1.npy: 120 voxels beyond 65504, the largest float16, are limited") == true)
    }

    @Test("int16 refuses NaN that \"ignore\" let in, by name")
    func nonfinite() throws {
        let lab = RunLab()
        lab.scan("a.nii", .float32, sizes: [2, 1, 1], values: [1, .nan])
        let outcome = try lab.run(
            lab.pipeline("", input: #""nonfinite": "ignore""#, output: #""dtype": "int16""#))
        #expect(outcome.failures.map(\.failure.code) == ["nonfinite"])
        #expect(outcome.failures.first?.failure.message.contains("int16 does not hold") == true)
        let halves = try lab.run(
            lab.pipeline(
                "", input: #""nonfinite": "ignore""#, output: #""format": "npz", "dtype": "float16""#))
        #expect(halves.written == 1)
    }

    @Test(
        "are done again when a byte is lost, and with --verify when one is damaged",
        arguments: ["npz", "safetensors", "npy"])
    func resume(format: String) throws {
        let lab = lab()
        let pipeline = try lab.pipeline("", input: Self.input, output: #""format": "\#(format)""#)
        try lab.run(pipeline)
        let whole = try lab.results()
        #expect(try lab.run(pipeline) { $0.verifies = true }.alreadyDone == 1)
        var bytes = lab.folder.read("out/c1_seg.\(format)")
        bytes[bytes.count / 2] ^= 1
        lab.folder.write(bytes, to: "out/c1_seg.\(format)")
        #expect(try lab.run(pipeline).alreadyDone == 1)
        #expect(try lab.run(pipeline) { $0.verifies = true }.written == 1)
        #expect(try differences(lab.results(), whole) == [])
        lab.folder.write(bytes.dropLast(), to: "out/c1_seg.\(format)")
        #expect(try lab.run(pipeline).written == 1)
        #expect(try differences(lab.results(), whole) == [])
    }

    @Test("a changed type or name is another pipeline")
    func hash() throws {
        let lab = lab()
        let outputs = [
            "", #""dtype": "int16""#, #""keep_header_text": true"#, #""names": "hashed""#,
            #""format": "npz""#,
        ]
        var hashes: Set<String> = []
        for output in outputs {
            try hashes.insert(
                Run(lab.pipeline("", input: Self.input, output: output), Run.Options()).plan().pipelineHash)
        }
        #expect(hashes.count == outputs.count)
    }

    @Test("header text is kept where it is asked for: that of each image with its own file")
    func headerText() throws {
        let lab = RunLab()
        lab.scan("c1/t1.nii", seed: 1) { $0.descrip = "first" }
        lab.scan("c1/flair.nii", seed: 2) { $0.descrip = "second" }
        let input = #""images": {"t1": "{case}/t1*", "flair": "{case}/flair*"}"#
        func descriptions(_ output: String) throws -> [String: String] {
            try lab.run(lab.pipeline("", input: input, output: #""format": "nii", \#(output)"#))
            var texts: [String: String] = [:]
            for name in lab.folder.files(below: "out") where name.hasSuffix(".nii") {
                let text = lab.folder.read("out/\(name)")[148..<228].prefix { $0 != 0 }
                texts[name] = String(decoding: text, as: UTF8.self)
                lab.remove("out/\(name)")
            }
            return texts
        }
        let kept = #""keep_header_text": true"#
        #expect(
            try descriptions(#""channels": "apart", \#(kept)"#)
                == ["c1_t1.nii": "first", "c1_flair.nii": "second"])
        #expect(try descriptions(kept) == ["c1.nii": "first"])
        #expect(try descriptions(#""keep_header_text": false"#) == ["c1.nii": ""])
    }
}
