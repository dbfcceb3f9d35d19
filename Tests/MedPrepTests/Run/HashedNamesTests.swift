import Glibc
import MedPrep
import MedPrepCore
import MedPrepIO
import MedPrepTestSupport
import Testing

@Suite("Run: hashed names") struct HashedNamesTests {
    private static let hashed = #""names": "hashed""#
    private static let key = ".medprep/names.key"

    /// Plain scans whose names a search would find, one of them damaged.
    private func lab() -> RunLab {
        let lab = RunLab()
        lab.scan("meier/erwin.nii", seed: 1)
        lab.scan("meier/frieda.nii.gz", seed: 2)
        lab.folder.write(
            lab.folder.read("in/meier/frieda.nii.gz").dropLast(40), to: "in/meier/zacharias.nii.gz")
        return lab
    }

    /// Everything in the output folder that holds one of these texts, in its name or its bytes.
    private func leaks(_ lab: RunLab, of words: [String]) -> [String] {
        lab.folder.files(below: "out").filter { name in
            let text = name + String(decoding: lab.folder.read("out/\(name)"), as: UTF8.self)
            return words.contains { text.contains($0) }
        }
    }

    @Test("outputs, sidecars, reports and messages show 16 hex digits, and no name")
    func names() throws {
        let lab = lab()
        let pipeline = try lab.pipeline(#"{"op": "zscore"}"#, output: Self.hashed)
        let outcome = try lab.run(pipeline)
        #expect(outcome.written == 2)
        let failed = try #require(outcome.failures.first)
        #expect(failed.failure.code == "bad_gzip")
        let names = lab.folder.files(below: "out").filter { $0.hasSuffix(".nii.gz") }.map { $0.dropLast(7) }
        #expect(names.count == 2)
        for name in names + [failed.case[...]] {
            #expect(name.count == 16)
            #expect(name.allSatisfy { $0.isHexDigit && !$0.isUppercase })
        }
        #expect(leaks(lab, of: ["meier", "erwin", "frieda", "zacharias"]) == [])
        let rows = lab.text("out/summary.tsv").split(separator: "\n").dropFirst().map { $0.prefix(16) }
        // The order of the names would tell whose row it is.
        #expect(rows == rows.sorted())
        #expect(Set(rows) == Set(names + [failed.case[...]]))
        #expect(try lab.run(pipeline).alreadyDone == 2)
    }

    @Test("the key is made once, for its owner, and used from then on")
    func key() throws {
        let lab = lab()
        let pipeline = try lab.pipeline("", output: Self.hashed)
        var options = Run.Options()
        options.outputFolder = lab.folder.file("out")
        #expect(try Run(pipeline, options).plan().namesAreNew)
        #expect(lab.folder.files(below: "out") == [])
        try lab.run(pipeline)
        let key = lab.text("out/\(Self.key)")
        #expect(key.utf8.count == 65)
        var status = stat()
        #expect(stat(lab.folder.file("out/\(Self.key)"), &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        let files = lab.folder.files(below: "out")
        try lab.run(pipeline) { $0.overwrites = true }
        #expect(lab.text("out/\(Self.key)") == key)
        #expect(lab.folder.files(below: "out") == files)
        #expect(try !Run(pipeline, options).plan().namesAreNew)
        // Under another key every name is another.
        try lab.run(pipeline, to: "other")
        #expect(Set(lab.folder.files(below: "other")).intersection(files).count == 4)
    }

    @Test("a key that is none ends the run before any work", arguments: ["", "abc", "zz", "folder"])
    func badKey(content: String) throws {
        let lab = lab()
        if content == "folder" {
            lab.folder.write([UInt8](), to: "out/\(Self.key)/x")
        } else {
            let text = content == "zz" ? String(repeating: "z", count: 64) : content
            lab.folder.write(Array(text.utf8), to: "out/\(Self.key)")
        }
        let before = lab.folder.files(below: "out")
        let error = runError { try lab.run(lab.pipeline("", output: Self.hashed)) }
        #expect(error?.status == 73)
        #expect(error?.description.contains("names.key, under which names are hashed, ") == true)
        #expect(lab.folder.files(below: "out") == before)
    }

    @Test("the name is HMAC-SHA-256 of the path without its ending, or of the case's values")
    func independent() throws {
        let lab = lab()
        lab.folder.write(Array((String(repeating: "0f", count: 32) + "\n").utf8), to: "out/\(Self.key)")
        try lab.run(lab.pipeline("", output: Self.hashed))
        // printf meier/erwin | openssl dgst -sha256 -mac HMAC -macopt hexkey:0f0f…
        let files = lab.folder.files(below: "out")
        #expect(files.contains("de48237fcaca5546.nii.gz"))
        let input = #""images": {"a": "{family}/{name}.nii"}"#
        try lab.run(lab.pipeline("", input: input, output: Self.hashed))
        #expect(lab.folder.files(below: "out") == files)
    }

    @Test("cases of several files, with images apart and labels; missing and doubled files")
    func cases() throws {
        let lab = RunLab()
        for name in ["meier", "huber", "weber"] {
            lab.scan("\(name)/\(name)_t1.nii", seed: 1)
            lab.scan(
                "\(name)/\(name)_seg.nii", .uint8, sizes: [6, 5, 4], values: (0..<120).map { Double($0 % 3) })
        }
        lab.scan("huber/huber_t1b.nii")
        lab.remove("in/weber/weber_seg.nii")
        let input = #""images": {"t1": "{case}/*t1*"}, "labels": {"seg": "{case}/*seg*"}"#
        let pipeline = try lab.pipeline(
            "", input: input, output: #""channels": "apart", \#(Self.hashed)"#)
        let outcome = try lab.run(pipeline)
        #expect(outcome.written == 1)
        #expect(Set(outcome.failures.map(\.failure.code)) == ["doubled_file", "missing_file"])
        #expect(outcome.failures.allSatisfy { $0.case.count == 16 })
        #expect(leaks(lab, of: ["meier", "huber", "weber"]) == [])
        let volumes = lab.folder.files(below: "out").filter { $0.hasSuffix(".nii.gz") }.map {
            $0.dropFirst(16)
        }
        #expect(volumes == ["_seg.nii.gz", "_t1.nii.gz"])
        lab.folder.write(
            Array(lab.folder.read("in/meier/meier_t1.nii").dropLast()), to: "in/meier/meier_t1.nii")
        let again = try lab.run(pipeline)
        let cut = try #require(again.failures.first { $0.failure.code == "truncated_data" })
        #expect(cut.failure.message.hasPrefix("\(cut.case)_t1: the file ends after"))
    }

    @Test("a pair whose voxels are missing is named by neither of its files")
    func pair() throws {
        let lab = lab()
        var file = NIfTIBuilder(.int16, sizes: [2, 1, 1], values: [0, 1])
        file.isPair = true
        lab.folder.write(file.file, to: "in/meier/paula.hdr")
        let outcome = try lab.run(lab.pipeline("", output: Self.hashed))
        let missing = outcome.failures.first { $0.failure.code == "missing_pair" }
        #expect(
            missing?.failure.message == "the voxels are missing: no .img or .img.gz beside the header")
        #expect(leaks(lab, of: ["paula"]) == [])
    }

    @Test("what is refused as a whole names no input either")
    func refusals() throws {
        let lab = lab()
        let pipeline = try lab.pipeline("", output: Self.hashed)
        let missing = runError { try lab.run(pipeline) { $0.inputs = [lab.folder.file("gustav.nii")] } }
        #expect(missing?.status == 66)
        #expect(missing?.description.contains("gustav") == false)
        #expect(missing?.description.hasPrefix("the input ") == true)
        let inside = runError { try lab.run(pipeline, to: "in/meier/out") }
        #expect(inside?.status == 73)
        #expect(inside?.description.contains("meier") == false)
        lab.scan("meier/erwin.nii.gz")
        let clash = runError { try lab.run(pipeline) }
        #expect(clash?.status == 73)
        #expect(clash?.description.contains("erwin") == false)
        let none = runError {
            try lab.run(lab.pipeline("", input: #""pattern": "x*""#, output: Self.hashed)) {
                $0.inputs = [lab.folder.file("in/meier")]
            }
        }
        #expect(none?.status == 66)
        #expect(none?.description.contains("meier") == false)
    }
}
