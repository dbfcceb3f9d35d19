import MedPrep
import MedPrepCore
import MedPrepTestSupport
import Testing

@Suite("Run: cases of several images") struct MultiModalTests {
    private static let input = """
        "images": {"T1w": "{case}/*T1w*", "FLAIR": "{case}/*FLAIR*"}, "labels": {"seg": "{case}/*seg*"},
        "masks": {"brain": "{case}/*mask*"}
        """
    private static let together = #"{"op": "orient"}, {"op": "resample", "reference": "T1w"}"#

    /// `c1` on one grid, `c2` with a FLAIR on a coarser one.
    private func lab() -> RunLab {
        let lab = RunLab()
        lab.scan("c1/T1w.nii", seed: 1)
        lab.scan("c1/FLAIR.nii.gz", seed: 2, mean: 500)
        let labels = (0..<120).map { Double($0 % 7) }
        lab.scan("c1/seg.nii", .int16, sizes: [6, 5, 4], values: labels)
        lab.scan("c1/mask.nii", .uint8, sizes: [6, 5, 4], values: (0..<120).map { $0 < 60 ? 1 : 0 })
        lab.scan("c2/T1w.nii", seed: 3)
        lab.scan("c2/FLAIR.nii", sizes: [4, 4, 4], seed: 4, mean: 500) {
            $0.rows = [[1.2, 0, 0, 12.5], [0, 1.5, 0, -40], [0, 0, 2.5, 7.75]]
        }
        lab.scan("c2/seg.nii", .float32, sizes: [6, 5, 4], values: labels.map { $0 * 40 })
        lab.scan("c2/mask.nii", .uint8, sizes: [6, 5, 4], values: (0..<120).map { $0 < 60 ? 1 : 0 })
        return lab
    }

    @Test(
        "images become channels in the order written; labels follow in their own type; masks are not written")
    func channels() throws {
        let lab = lab()
        let steps = Self.together + #", {"op": "zscore", "mask": "file"}"#
        let outcome = try lab.run(lab.pipeline(steps, input: Self.input))
        #expect(outcome.failures.map(\.failure) == [])
        let expected = [
            ".medprep.lock", "c1.json", "c1.nii.gz", "c1_seg.nii.gz", "c2.json", "c2.nii.gz", "c2_seg.nii.gz",
            "report.json", "summary.tsv",
        ]
        #expect(lab.folder.files(below: "out") == expected)
        for name in ["c1", "c2"] {
            let volume = try lab.volume("out/\(name).nii.gz")
            #expect(volume.tensor.shape.sizes == [1, 4, 5, 6, 2])
            for channel in 0..<2 {
                let inside = volume.tensor.channel(channel).prefix(60).map(Double.init)
                #expect(abs(inside.reduce(0, +) / 60) < 1e-5)
            }
            let label = try lab.volume("out/\(name)_seg.nii.gz")
            let factor: Float = name == "c1" ? 1 : 40
            #expect(label.tensor.values == (0..<120).map { Float($0 % 7) * factor })
            #expect(label.grid.isSame(as: volume.grid))
            #expect(label.source.elementType == (name == "c1" ? .int16 : .uint8))
        }
        let first = try lab.volume("in/c1/T1w.nii").tensor.values
        let plain = try lab.pipeline("", input: Self.input)
        try lab.run(plain, to: "plain")
        #expect(try lab.volume("plain/c1.nii.gz").tensor.channel(0) == first)
    }

    @Test(
        "a case alone gives the same bytes on any number of threads",
        arguments: [
            #""format": "nii.gz""#, #""format": "nii.gz", "channels": "apart", "compression": "balanced""#,
            #""format": "nii""#, #""format": "npy""#, #""format": "npy", "layout": "NCDHW""#,
        ])
    func alone(output: String) throws {
        let lab = RunLab()
        let sizes = [61, 83, 67]
        let count = sizes.reduce(1, *)
        lab.scan("c1/T1w.nii.gz", sizes: sizes, seed: 1)
        lab.scan("c1/FLAIR.nii", sizes: sizes, seed: 2, mean: 500)
        lab.scan("c1/seg.nii.gz", .int16, sizes: sizes, values: (0..<count).map { Double($0 % 7) })
        lab.scan("c1/mask.nii", .uint8, sizes: sizes, values: (0..<count).map { $0 < 9000 ? 1 : 0 })
        let pipeline = try lab.pipeline(
            #"{"op": "zscore", "mask": "file"}"#, input: Self.input, output: output)
        try lab.run(pipeline, to: "out1", jobs: 1)
        let expected = try lab.results("out1")
        #expect(expected.count >= 5)
        for jobs in [2, 3, 7] {
            try lab.run(pipeline, to: "out\(jobs)", jobs: jobs)
            #expect(differences(expected, try lab.results("out\(jobs)")) == [], "\(jobs)")
        }
    }

    @Test("of several broken files the first is told of, on any number of threads", arguments: [1, 2, 3, 7])
    func firstBroken(jobs: Int) throws {
        let lab = RunLab()
        lab.scan("c1/T1w.nii", seed: 1)
        for (name, type) in [("FLAIR", ElementType.int16), ("seg", .uint8), ("mask", .uint8)] {
            lab.scan("c1/\(name).nii.gz", type, sizes: [6, 5, 4], values: (0..<120).map { Double($0 % 2) })
            var bytes = lab.folder.read("in/c1/\(name).nii.gz")
            bytes[bytes.count - 6] ^= 1
            lab.folder.write(bytes, to: "in/c1/\(name).nii.gz")
        }
        let outcome = try lab.run(lab.pipeline("", input: Self.input), jobs: jobs)
        let failure = try #require(outcome.failures.first?.failure)
        #expect(failure.stage == "read" && failure.code == "bad_gzip")
        #expect(failure.message.hasPrefix("c1/FLAIR.nii.gz: "))
    }

    @Test("sidecars tell of each file of a case, and stack images before the steps")
    func sidecar() throws {
        let lab = lab()
        try lab.run(lab.pipeline(Self.together, input: Self.input))
        let one = try lab.json("out/c1.json")
        #expect(one["input"]?.array?.map { $0["role"]?.string } == ["image", "image", "label", "mask"])
        #expect(one["input"]?.array?.map { $0["name"]?.string } == ["T1w", "FLAIR", "seg", "brain"])
        #expect(one["steps"]?.array?[0]["before"]?["shape_ndhwc"] == [1, 4, 5, 6, 2])
        let two = try lab.json("out/c2.json")
        #expect(two["steps"]?.array?[0]["before"]?["FLAIR"]?["shape_ndhwc"] == [1, 4, 4, 4, 1])
        #expect(two["result"]?["statistics"]?.array?.count == 2)
    }

    @Test("images that only orient brings together keep the statistics of all channels")
    func orientTogether() throws {
        let lab = RunLab()
        lab.scan("c1/T1w.nii", seed: 1)
        lab.scan("c1/FLAIR.nii", seed: 2) {
            $0.rows = [[-0.8, 0, 0, 12.5 + 0.8 * 5], [0, 1.25, 0, -40], [0, 0, 2.5, 7.75]]
        }
        let input = #""images": {"T1w": "{case}/*T1w*", "FLAIR": "{case}/*FLAIR*"}"#
        let outcome = try lab.run(lab.pipeline(#"{"op": "orient", "to": "RAS"}"#, input: input))
        #expect(outcome.failures.map(\.failure) == [])
        #expect(try lab.json("out/c1.json")["result"]?["statistics"]?.array?.count == 2)
        #expect(try lab.volume("out/c1.nii.gz").tensor.shape.c == 2)
    }

    @Test("without a reference, images on several grids fail before a voxel is read")
    func noReference() throws {
        let lab = lab()
        let outcome = try lab.run(lab.pipeline(#"{"op": "orient"}"#, input: Self.input))
        #expect(outcome.failures.map(\.case) == ["c2"])
        let failure = try #require(outcome.failures.first?.failure)
        #expect(failure.code == "grid_mismatch")
        #expect(
            failure.message
                == "the images lie on different grids (T1w 6x5x4 at 0.8x1.25x2.5 mm, FLAIR 4x4x4 at 1.2x1.5x2.5 mm); "
                + "put a resample with \"reference\": \"T1w\" first")
    }

    @Test("channels apart: a file for each image")
    func apart() throws {
        let lab = lab()
        try lab.run(lab.pipeline(Self.together, input: Self.input, output: #""channels": "apart""#))
        let names = lab.folder.files(below: "out").filter { $0.hasPrefix("c1") }
        #expect(names == ["c1.json", "c1_FLAIR.nii.gz", "c1_T1w.nii.gz", "c1_seg.nii.gz"])
        let (input, output) = (try lab.volume("in/c1/FLAIR.nii.gz"), try lab.volume("out/c1_FLAIR.nii.gz"))
        #expect(input.tensor.values == output.tensor.values)
    }

    @Test("missing and doubled files, labels with fractions and on other grids fail by name")
    func faults() throws {
        let lab = lab()
        lab.remove("in/c1/mask.nii")
        lab.scan("c1/T1w-b.nii", seed: 9)
        lab.scan("c3/T1w.nii", seed: 3)
        lab.scan("c3/FLAIR.nii", seed: 4)
        lab.scan("c3/seg.nii", .float32, sizes: [6, 5, 4], values: (0..<120).map { $0 == 7 ? 0.5 : 1 })
        lab.scan("c3/mask.nii", .uint8, sizes: [6, 5, 4], values: Array(repeating: 1, count: 120))
        lab.scan("c4/T1w.nii", seed: 3)
        lab.scan("c4/FLAIR.nii", seed: 4)
        lab.scan("c4/seg.nii", .uint8, sizes: [6, 5, 3], values: Array(repeating: 1, count: 90))
        lab.scan("c4/mask.nii", .uint8, sizes: [6, 5, 4], values: Array(repeating: 1, count: 120))
        let outcome = try lab.run(lab.pipeline(Self.together, input: Self.input))
        #expect(outcome.written == 1)
        let codes = outcome.failures.map { "\($0.case) \($0.failure.stage) \($0.failure.code)" }
        #expect(codes == ["c1 find doubled_file", "c3 read bad_label", "c4 read grid_mismatch"])
        #expect(
            outcome.failures[0].failure.message
                == "2 files for T1w: c1/T1w-b.nii, c1/T1w.nii; keep one, or make the pattern narrower; "
                + "no file for brain (pattern {case}/*mask*); add the file, or correct the pattern")
        #expect(outcome.failures[1].failure.message.hasPrefix("c3/seg.nii: "))
        #expect(outcome.failures[2].failure.message.hasPrefix("the label \"seg\" (6x5x3 at "))
    }

    @Test("batches of cases with several images")
    func batch() throws {
        let lab = lab()
        let pipeline = try lab.pipeline(
            Self.together + #", {"op": "batch_norm"}"#, input: Self.input, more: #""batch": {"size": 2}"#)
        let outcome = try lab.run(pipeline)
        #expect(outcome.failures.map(\.failure) == [])
        let state = try lab.json("out/state.json")["steps"]?.array?.first?["state"]
        #expect(state?["running_mean"]?.array?.count == 2)
        #expect(try lab.run(pipeline).alreadyDone == 2)
    }
}
