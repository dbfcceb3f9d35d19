import MedPrep
import MedPrepCore
import MedPrepTestSupport
import Testing

@Suite("Run: steps that share a copy") struct FusionTests {
    /// A scan in PSR order with zeros around a box of numbers, and its labels.
    private func lab() -> RunLab {
        let (lab, sizes) = (RunLab(), [14, 11, 9])
        var (image, labels) = ([Double](), [Double]())
        for k in 0..<9 {
            for j in 0..<11 {
                for i in 0..<14 {
                    let isInside = (3..<12).contains(i) && (1..<8).contains(j) && (2..<9).contains(k)
                    image.append(isInside ? Double((i * 37 + j * 11 + k * 5) % 97 + 1) : 0)
                    labels.append(Double((i + j + k) % 3))
                }
            }
        }
        for (name, values) in [("a_t1", image), ("a_t2", image.map { $0 * 2 }), ("a_seg", labels)] {
            var file = NIfTIBuilder(.int16, sizes: sizes, values: values)
            file.rows = [[0, 0, 1.1, -9], [-0.9, 0, 0, 40], [0, 1.3, 0, 2]]
            lab.folder.write(file.file, to: "in/\(name).nii")
        }
        return lab
    }

    private let input =
        #""images": {"t1": "{case}_t1.nii", "t2": "{case}_t2.nii"}, "labels": {"seg": "{case}_seg.nii"}"#

    @Test(
        "a resample that reads through the box of the crop ahead leaves the bytes and records of one that does not",
        arguments: ["crop_foreground", "crop_nonzero"],
        ["", #", "interpolation": "bspline3", "labels": "argmax""#])
    func box(crop: String, reading: String) throws {
        let lab = lab()
        let options = crop == "crop_foreground" ? #", "allow_smaller": true, "margin_ijk": 1"# : ""
        let crop = #"{"op": "\#(crop)"\#(options)}"#
        let resample = #"{"op": "resample", "spacing_ijk": 1.5\#(reading)}"#
        let input = #""images": {"t1": "{case}_t1.nii"}, "labels": {"seg": "{case}_seg.nii"}"#
        // A report between two steps keeps them apart.
        let fused = try lab.pipeline(
            #"{"op": "orient"}, \#(crop), \#(resample), {"op": "zscore"}"#, input: input)
        let apart = try lab.pipeline(
            #"{"op": "orient"}, {"op": "stats"}, \#(crop), {"op": "stats"}, \#(resample), {"op": "zscore"}"#,
            input: input)
        for jobs in 1...3 {
            for (name, pipeline) in [("fused", fused), ("apart", apart)] {
                #expect(try lab.run(pipeline, to: "\(name)\(jobs)", jobs: jobs).failures.isEmpty)
            }
            for name in ["a.nii.gz", "a_seg.nii.gz"] {
                #expect(lab.folder.read("fused\(jobs)/\(name)") == lab.folder.read("apart1/\(name)"))
            }
            let one = try #require(lab.json("fused\(jobs)/a.json")["steps"]?.array)
            let other = try #require(lab.json("apart\(jobs)/a.json")["steps"]?.array)
            #expect(one.map(\.line) == [0, 2, 4, 5].map { other[$0].line })
        }
    }

    @Test("an orient that waits for the crop behind it leaves the bytes and records of one that does not")
    func records() throws {
        let lab = lab()
        let crop =
            #"{"op": "crop_foreground", "select": "nonzero", "margin_ijk": [1, 0, 2], "k_divisible": 3}"#
        let rest =
            #"{"op": "crop_center", "size_ijk": [8, 7, -1]}, {"op": "resample", "spacing_ijk": 1.5}, {"op": "zscore"}"#
        let fused = try lab.pipeline(#"{"op": "orient"}, \#(crop), \#(rest)"#, input: input)
        // A report between the two keeps them apart.
        let apart = try lab.pipeline(
            #"{"op": "orient"}, {"op": "stats"}, \#(crop), \#(rest)"#, input: input)
        for jobs in 1...3 {
            #expect(try lab.run(fused, to: "fused\(jobs)", jobs: jobs).failures.isEmpty)
            #expect(try lab.run(apart, to: "apart\(jobs)", jobs: jobs).failures.isEmpty)
            for name in ["a.nii.gz", "a_seg.nii.gz"] where jobs == 1 {
                #expect(lab.folder.read("fused1/\(name)") == lab.folder.read("apart1/\(name)"))
            }
            let one = try #require(lab.json("fused\(jobs)/a.json")["steps"]?.array)
            let other = try #require(lab.json("apart\(jobs)/a.json")["steps"]?.array)
            #expect(one.map(\.line) == (other[..<1] + other[2...]).map(\.line))
        }
        #expect(try lab.results("fused1") == lab.results("fused2"))
        #expect(try lab.results("fused1") == lab.results("fused3"))
        let shape = try #require(lab.json("fused1/a.json")["steps"]?.array?[0]["after"]?["shape_ndhwc"])
        #expect(shape.line == "[1, 11, 14, 9, 2]" || shape.line == "[1,11,14,9,2]")
    }

    @Test(
        "numbers that stay as they are stored leave the bytes and records of Floats",
        arguments: [
            #"{"op": "resample", "spacing_ijk": 1.5}"#,
            #"{"op": "resample", "spacing_ijk": 1.4, "interpolation": "bspline3"}"#,
            #"{"op": "resample", "spacing_ijk": 1.2, "compat": "nnunet"}"#,
            #"{"op": "orient"}, {"op": "zscore", "mask": "nonzero", "apply_to": "mask"}"#,
            #"{"op": "crop_nonzero"}, {"op": "clip", "min": 5, "max": 60}, {"op": "zscore"}"#,
            #"{"op": "crop_foreground", "allow_smaller": true}, {"op": "resample", "spacing_ijk": 1.3}"#,
            #"{"op": "pad_to", "size_ijk": [20, 20, 20]}, {"op": "crop_center", "size_ijk": [8, 7, 6]}"#,
        ], [1, 2])
    func numbers(steps: String, contrasts: Int) throws {
        let lab = RunLab()
        let values = (0..<14 * 11 * 9).map { i -> Double in
            let (x, y, z) = (i % 14, i / 14 % 11, i / 154)
            let isInside = (3..<12).contains(x) && (1..<8).contains(y) && (2..<9).contains(z)
            return isInside ? Double(i * 37 % 97 + 1) : 0
        }
        for type in [ElementType.int16, .float32] {
            for index in 0..<contrasts {
                var file = NIfTIBuilder(
                    type, sizes: [14, 11, 9], values: values.map { $0 * Double(index + 1) })
                file.rows = [[0, 0, 1.1, -9], [-0.9, 0, 0, 40], [0, 1.3, 0, 2]]
                lab.folder.write(file.file, to: "\(type.rawValue)/a_t\(index).nii")
            }
        }
        let names = (0..<contrasts).map { #""t\#($0)": "{case}_t\#($0).nii""# }.joined(separator: ", ")
        var results = [[[UInt8]]]()
        for type in ["int16", "float32"] {
            let text = """
                {"input": {"folder": "\(type)", "images": {\(names)}}, "steps": [\(steps)],
                 "output": {"folder": "out", "format": "nii", "dtype": "float32"}}
                """
            let decoded = PipelineFile.decode(
                Array(text.utf8), name: "pipeline.json", folder: lab.folder.path)
            let pipeline = try #require(decoded.pipeline)
            for jobs in 1...2 {
                #expect(try lab.run(pipeline, to: "\(type)-\(jobs)", jobs: jobs).failures.isEmpty)
                let scan = lab.folder.read("\(type)-\(jobs)/a.nii")
                let records = try lab.json("\(type)-\(jobs)/a.json")["steps"]?.array ?? []
                results.append([scan, Array(records.map(\.line).joined().utf8)])
            }
        }
        #expect(results.allSatisfy { $0 == results[0] } && results[0][0].count > 352)
    }
}
