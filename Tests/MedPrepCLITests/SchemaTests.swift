import MedPrep
import MedPrepTestSupport
import Testing

/// The schema against an independent validator, PyPI's or Debian's `jsonschema`, where Python has it.
@Suite("The pipeline schema") struct SchemaTests {
    private static let python = Program(executable: "python3")
    static let hasValidator = python("-c", "import jsonschema").status == 0

    /// Says 1 or 0 for each file: whether the schema takes it.
    private static let script = """
        import json, sys, jsonschema
        validator = jsonschema.Draft202012Validator(json.load(open(sys.argv[1])))
        jsonschema.Draft202012Validator.check_schema(validator.schema)
        print("".join("1" if validator.is_valid(json.load(open(path))) else "0" for path in sys.argv[2:]))
        """

    private func verdicts(_ files: [String]) -> String {
        let schema = Repository.folder + "/Pipelines/pipeline.schema.json"
        return Self.python(["-c", Self.script, schema] + files).output
    }

    @Test("takes every pipeline of the project", .enabled(if: hasValidator))
    func good() {
        let bench = Bench()
        var files = Repository.entries("Pipelines").filter { $0 != "pipeline.schema.json" }
            .map { Repository.folder + "/Pipelines/" + $0 }
        let shown = CodeBlock.all(in: Repository.text("README.md")).filter { $0.language == "json" }
        for (index, block) in shown.enumerated() {
            bench.write(block.text, to: "\(index).json")
            files.append(bench.folder.file("\(index).json"))
        }
        #expect(files.count == 6)
        #expect(verdicts(files) == String(repeating: "1", count: files.count) + "\n")
    }

    @Test("refuses what medprep validate refuses, and both for the mistake", .enabled(if: hasValidator))
    func broken() {
        let bench = Bench()
        for (index, (text, _)) in Self.broken.enumerated() { bench.write(text, to: "\(index).json") }
        let files = Self.broken.indices.map { bench.folder.file("\($0).json") }
        #expect(verdicts(files) == String(repeating: "0", count: files.count) + "\n")
        for (index, (text, mistake)) in Self.broken.enumerated() {
            let result = bench.medprep("validate", "\(index).json")
            #expect(result.status == 65, "\(text)")
            #expect(result.errors.contains(mistake), "\(text): \(result.errors)")
        }
        #expect(Self.broken.count >= 30)
    }

    /// A pipeline and a part of the message that names its mistake.
    private static let broken: [(String, String)] = [
        (#"{}"#, #""steps" is missing"#),
        (#"{"steps": {}}"#, #""steps" is an object"#),
        (#"{"steps": [], "output": []}"#, #""output" is a list"#),
        (#"{"steps": [], "ouput": {}}"#, #"did you mean "output"?"#),
        (#"{"steps": ["zscore"]}"#, "a step like"),
        (#"{"steps": [{}]}"#, #"has no "op""#),
        (#"{"steps": [{"op": 3}]}"#, #""op" is a number"#),
        (#"{"steps": [{"op": "zscor"}]}"#, #"did you mean "zscore"?"#),
        (#"{"steps": [{"op": "weight_norm"}]}"#, "function of the library"),
        (#"{"steps": [{"op": "clip", "minimum": 3}]}"#, #"unknown parameter "minimum""#),
        (#"{"steps": [{"op": "clip", "min": "3"}]}"#, "min is"),
        (#"{"steps": [{"op": "clip", "min": true}]}"#, "min is true"),
        (#"{"steps": [{"op": "pad_to"}]}"#, #""size_ijk" or "size_dhw" is missing"#),
        (#"{"steps": [{"op": "pad_to", "size": 9}]}"#, "does not say its axis order"),
        (#"{"steps": [{"op": "pad_to", "size_ijk": [9, 9]}]}"#, "three values"),
        (#"{"steps": [{"op": "pad_to", "size_ijk": [9, 9, "x"]}]}"#, "size_ijk is"),
        (#"{"steps": [{"op": "pad_to", "size_ijk": 9, "size_dhw": 9}]}"#, "say the same thing"),
        (#"{"steps": [{"op": "pad_to", "size_ijk": 9, "mode": "mirror"}]}"#, "mode is"),
        (#"{"steps": [{"op": "resample", "spacing_ijk": 0}]}"#, "expected above 0"),
        (#"{"steps": [{"op": "resample", "spacing_ijk": 1, "interpolation": "cubic"}]}"#, "interpolation is"),
        (#"{"steps": [{"op": "orient", "to": 4}]}"#, "to is 4"),
        (#"{"steps": [{"op": "zscore", "mask": "head"}]}"#, "mask is"),
        (#"{"steps": [{"op": "zscore", "ddof": 0.5}]}"#, "ddof is 0.5"),
        (#"{"steps": [{"op": "batch_norm", "mode": "training"}]}"#, "mode is"),
        (#"{"steps": [{"op": "batch_norm", "epsilon": -1}]}"#, "epsilon is -1"),
        (#"{"steps": [{"op": "normalize_over", "reduce": "XYZ"}]}"#, "reduce is"),
        (#"{"steps": [], "batch": {"size": 0}}"#, #""batch.size" is 0"#),
        (#"{"steps": [], "input": {"nonfinite": "drop"}}"#, "input.nonfinite"),
        (#"{"steps": [], "input": {"pattern": "*", "images": {"a": "{c}/a*"}}}"#, "exclude each other"),
        (#"{"steps": [], "input": {"labels": {"seg": "{c}/s*"}}}"#, #""labels" needs "images""#),
        (#"{"steps": [], "output": {"format": "nrrd"}}"#, "output.format"),
        (#"{"steps": [], "output": {"compression": 12}}"#, "output.compression"),
        (#"{"steps": [], "output": {"format": "safetensor"}}"#, #"did you mean "safetensors"?"#),
        (#"{"steps": [], "output": {"dtype": "float61"}}"#, #"did you mean "float16"?"#),
        (#"{"steps": [], "output": {"dtype": "float16"}}"#, "NIfTI has no float16"),
        (#"{"steps": [], "output": {"format": "npz", "dtype": "int16"}}"#, "needs the scaling"),
        (#"{"steps": [], "output": {"layout": "NDHWC"}}"#, #""layout" is for"#),
        (#"{"steps": [], "output": {"names": "hash"}}"#, #"did you mean "hashed"?"#),
        (#"{"steps": [], "output": {"keep_header_text": "yes"}}"#, "keep_header_text"),
        (#"{"steps": [], "output": {"format": "npy", "keep_header_text": true}}"#, "no place for such text"),
        (#"{"steps": [], "report": {"json": "yes"}}"#, "report.json"),
    ]
}
