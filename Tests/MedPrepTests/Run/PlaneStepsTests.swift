import MedPrep
import MedPrepCore
import MedPrepTestSupport
import Testing

@Suite("Run: steps on the planes of a scan that is still read") struct PlaneStepsTests {
    /// A CT of this type and labels on its grid.
    private func lab(_ type: ElementType = .int16, slope: Double = 1) -> RunLab {
        let (lab, sizes) = (RunLab(), [41, 29, 17])
        let count = sizes.reduce(1, *)
        let values = (0..<count).map { index in
            let value = Double(index * 37 % 3000) - 1024
            return type == .uint8 ? Double(index * 37 % 256) : value
        }
        for (name, type, values) in [
            ("a_ct.nii.gz", type, values), ("a_seg.nii.gz", .uint8, (0..<count).map { Double($0 / 5 % 3) }),
        ] {
            var file = NIfTIBuilder(type, sizes: sizes, values: values)
            file.rows = [[-0.75, 0, 0, 90], [0, 0.75, 0, -60], [0, 0, 2, 5]]
            if name == "a_ct.nii.gz" { file.slope = slope }
            lab.folder.write(NIfTIBuilder.gzip(file.file), to: "in/\(name)")
        }
        return lab
    }

    private let image = #""images": {"ct": "{case}_ct.nii.gz"}"#
    private let labels = #""labels": {"seg": "{case}_seg.nii.gz"}"#

    /// Results with and without a report in front, which wants the scan as a whole.
    private func compare(_ lab: RunLab, _ steps: String, input: String) throws {
        let arriving = try lab.pipeline(steps, input: input)
        let whole = try lab.pipeline(#"{"op": "stats"}, "# + steps, input: input)
        for jobs in 1...3 {
            for (name, pipeline) in [("arriving", arriving), ("whole", whole)] {
                let outcome = try lab.run(pipeline, to: "\(name)\(jobs)", jobs: jobs)
                #expect(outcome.failures.isEmpty && outcome.written == 1)
            }
            for name in lab.folder.files(below: "whole\(jobs)") where name.hasSuffix(".nii.gz") {
                #expect(
                    lab.folder.read("arriving\(jobs)/\(name)") == lab.folder.read("whole1/\(name)"), "\(name)"
                )
            }
            let one = try lab.json("arriving\(jobs)/a.json")
            let other = try lab.json("whole\(jobs)/a.json")
            #expect(one["steps"]?.array?.map(\.line) == other["steps"]?.array?.dropFirst().map(\.line))
            for key in ["source", "result", "output", "findings"] {
                #expect(one[key]?.line == other[key]?.line && one[key] != nil, "\(key)")
            }
        }
    }

    @Test(
        "leave the bytes and records of steps on the whole scan",
        arguments: [
            #"{"op": "resample", "spacing_ijk": 1, "interpolation": "bspline3"}"#,
            #"{"op": "clip", "min": -1000, "max": 1000}, {"op": "resample", "spacing_ijk": 1, "interpolation": "bspline3"}"#,
            #"{"op": "clip", "min": -10.5}, {"op": "resample", "spacing_ijk": 1, "interpolation": "bspline3"}"#,
            #"{"op": "shift_scale", "shift": 24}, {"op": "clip", "max": 900}, {"op": "resize", "size_ijk": [20, 31, 9], "interpolation": "bspline5"}, {"op": "zscore"}"#,
            #"{"op": "shift_scale", "scale": -2}, {"op": "resample", "spacing_ijk": [1, null, null], "interpolation": "bspline3", "fill": -7, "boundary": "constant"}"#,
            #"{"op": "window", "in_min": 0, "in_max": 5, "out_max": 5}, {"op": "resample", "spacing_ijk": 3, "interpolation": "bspline3"}"#,
            #"{"op": "clip", "max": 90}, {"op": "resample", "spacing_ijk": 1, "interpolation": "bspline3", "clip_to_input_range": true}"#,
            #"{"op": "clip", "max": 90}, {"op": "resample", "spacing_ijk": 0.75, "compat": "nnunet"}"#,
            #"{"op": "clip", "max": 90}, {"op": "resample", "reference": "ct", "spacing_ijk": 1, "interpolation": "bspline3"}"#,
        ])
    func same(steps: String) throws {
        try compare(lab(), steps, input: image)
        try compare(lab(), steps, input: "\(image), \(labels)")
    }

    @Test("are done on the whole of a scan that is scaled or of another type", arguments: [0.5, 1])
    func others(slope: Double) throws {
        let steps =
            #"{"op": "clip", "max": 90}, {"op": "resample", "spacing_ijk": 1, "interpolation": "bspline3"}"#
        try compare(lab(slope == 1 ? .float32 : .int16, slope: slope), steps, input: image)
        try compare(lab(.uint8, slope: slope), steps, input: image)
    }

    @Test("need no memory for the scan, and the plan knows it")
    func memory() throws {
        let lab = RunLab()
        lab.scan(
            "a.nii", .int16, sizes: [128, 128, 128],
            values: (0..<128 * 128 * 128).map { Double($0 % 1999) })
        func planned(_ steps: String) throws -> Int {
            var options = Run.Options()
            options.outputFolder = lab.folder.file("out")
            return try #require(Run(lab.pipeline(steps), options).plan().cases.first).peakBytes
        }
        let resample = #"{"op": "resample", "spacing_ijk": [0.8, 1.25, 5], "interpolation": "bspline3"}"#
        let (scan, result) = (4 * 128 * 128 * 128, 4 * 128 * 128 * 64)
        let clip = #"{"op": "clip", "max": 900}, "#
        let whole = try planned(#"{"op": "stats"}, "# + clip + resample)
        let arriving = try planned(clip + resample)
        // Half of the scan's planes wait beside the result.
        #expect(arriving < whole - result && arriving > scan)
        // What is no longer whole cannot be counted, so the scan is read as one.
        #expect(try planned(#"{"op": "clip", "max": 900.5}, "# + resample) > scan + result)
        let outcome = try lab.run(lab.pipeline(clip + resample), jobs: 1) { $0.memory = arriving }
        #expect(outcome.failures.isEmpty && outcome.written == 1)
    }

    @Test("a scan that breaks off fails as it does when it is read whole")
    func damaged() throws {
        let lab = lab()
        let bytes = lab.folder.read("in/a_ct.nii.gz")
        lab.folder.write(Array(bytes.prefix(bytes.count / 2)), to: "in/a_ct.nii.gz")
        let steps =
            #"{"op": "clip", "max": 90}, {"op": "resample", "spacing_ijk": 1, "interpolation": "bspline3"}"#
        for jobs in 1...3 {
            let failures = try [steps, #"{"op": "stats"}, "# + steps].map {
                try lab.run(lab.pipeline($0, input: image), to: "out\(jobs)", jobs: jobs).failures
            }
            #expect(failures[0].count == 1 && "\(failures[0])" == "\(failures[1])")
            #expect(lab.folder.files(below: "out\(jobs)").allSatisfy { !$0.contains("a.nii") })
        }
    }
}
