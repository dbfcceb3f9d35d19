import MedPrep
import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("PipelineFile") struct PipelineFileTests {
    private func decode(_ text: String) -> (pipeline: Pipeline?, diagnostics: Diagnostics) {
        PipelineFile.decode(Array(text.utf8), name: "p.json", folder: "some/folder")
    }

    /// The first lines of all messages.
    private func messages(_ text: String) -> [String] {
        decode(text).diagnostics.list.map { "\($0.severity.rawValue): \($0.message)" }
    }

    @Test("every key is taken, comments are passed over")
    func everyKey() throws {
        let text = """
            {
              "$schema": "./pipeline.schema.json", "_author": {"anything": 1},
              "input": {"folder": "scans", "_why": "", "images": {"t1": "{case}/*T1*", "flair": "{case}/*F*"},
                "labels": {"seg": "{case}/*seg*"}, "masks": {"brain": "{case}/*mask*"}, "fourth_axis": "batch",
                "nonfinite": "ignore"},
              "steps": [{"op": "orient", "_note": 1, "to": "LPS"}, {"op": "clip", "min": 0, "max": null}],
              "batch": {"size": 8, "drop_last": true},
              "output": {"folder": "out", "format": "npy", "dtype": "float16", "layout": "NCDHW", "compression": 9,
                "channels": "apart", "names": "hashed", "keep_header_text": false},
              "report": {"json": false, "sha256": true}
            }
            """
        let (decoded, diagnostics) = decode(text)
        #expect(diagnostics.list == [])
        let pipeline = try #require(decoded)
        #expect(pipeline.input.folder == "scans")
        #expect(pipeline.input.pattern == nil)
        #expect(pipeline.input.images.map(\.name) == ["t1", "flair"])
        #expect(pipeline.input.images.map(\.pattern) == ["{case}/*T1*", "{case}/*F*"])
        #expect(pipeline.input.labels == [.init(name: "seg", pattern: "{case}/*seg*")])
        #expect(pipeline.input.masks == [.init(name: "brain", pattern: "{case}/*mask*")])
        #expect(pipeline.input.fourthAxis == .batch)
        #expect(pipeline.input.nonfinite == .ignore)
        #expect(pipeline.steps.map(\.label) == ["steps[0] orient", "steps[1] clip"])
        #expect((pipeline.steps[1].operation as? Clip)?.min == 0)
        #expect((pipeline.steps[1].operation as? Clip)?.max == nil)
        #expect((pipeline.batch.size, pipeline.batch.dropsLast) == (8, true))
        #expect(pipeline.output.folder == "out")
        #expect((pipeline.output.format, pipeline.output.layout) == (.npy, .ncdhw))
        #expect((pipeline.output.compression, pipeline.output.channels) == (.level(9), .apart))
        #expect((pipeline.output.dtype, pipeline.output.names) == (.float16, .hashed))
        #expect((pipeline.report.json, pipeline.report.sha256) == (false, true))
        #expect(pipeline.folder == "some/folder")
    }

    @Test("options that the format does not have are faults at their key, with what to write instead")
    func formats() {
        let text = """
            {
              "steps": [],
              "output": {"format": "nii", "dtype": "float16", "layout": "NCDHW",
                "names": "hash"}
            }
            """
        let (pipeline, diagnostics) = decode(text)
        #expect(pipeline == nil)
        let expected = """
            p.json:3:31: error: NIfTI has no float16, and the format is "nii"
              3 |   "output": {"format": "nii", "dtype": "float16", "layout": "NCDHW",
                |                               ^^^^^^^
              help: "int16" is as small, with the largest error in the report; "npy", "npz" and "safetensors" have float16
            p.json:3:51: error: "layout" is for the formats "npy", "npz" and "safetensors"; NIfTI always puts channels on axis 4
              3 |   "output": {"format": "nii", "dtype": "float16", "layout": "NCDHW",
                |                                                   ^^^^^^^^
              help: leave it out
            p.json:4:14: error: "output.names" is "hash"; one of "kept", "hashed" is expected
              4 |     "names": "hash"}
                |              ^^^^^^
              help: did you mean "hashed"?
            """
        #expect(diagnostics.description == expected)
        let other = #"{"steps": [], "output": {"format": "npz", "dtype": "int16", "keep_header_text": true}}"#
        #expect(
            messages(other) == [
                #"error: "int16" needs the scaling of a NIfTI header, and the format is "npz""#,
                #"error: "keep_header_text" is for NIfTI; the format "npz" has no place for such text"#,
            ])
        let doubt = #"{"steps": [], "output": {"keep_header_text": true, "names": "hashed"}}"#
        let found = decode(doubt)
        #expect(found.pipeline?.output.names == .hashed && found.pipeline?.output.keepsHeaderText == true)
        #expect(
            messages(doubt) == [
                "warning: names are hashed, but the header text that is kept may hold them"
            ])
    }

    @Test("only steps must be there, and may be empty; the rest are the defaults")
    func defaults() throws {
        let pipeline = try #require(decode(#"{"steps": []}"#).pipeline)
        #expect(pipeline.input == Pipeline.Input())
        #expect(pipeline.output == Pipeline.Output())
        #expect(pipeline.output.format == .niftiGzip)
        #expect(pipeline.output.compression == .fast)
        #expect(pipeline.batch.size == 1)
        #expect(messages("{}") == [#"error: "steps" is missing in the pipeline"#])
        for (name, value) in [("fast", Compression.fast), ("balanced", .balanced), ("none", .none)] {
            let text = #"{"steps": [], "output": {"compression": "\#(name)"}}"#
            #expect(decode(text).pipeline?.output.compression == value)
        }
    }

    @Test("all faults at once, each with line, column, caret, reason and help")
    func allAtOnce() {
        let text = """
            {
              "input": {"folder": "in", "patern": "**/*.nii", "fourth_axis": "chanel"},
              "steps": [
                {"op": "orientt", "to": "RAS"},
                {"op": "resample", "spacing": [1, 1, 1]},
                {"op": "zscore", "maks": 3, "ddof": "one"},
                {"op": "crop_or_pad"},
                {"min": 3},
                7
              ],
              "batch": {"size": 0},
              "output": {"format": "nii", "layout": "NCDHW", "compression": 11},
              "batch": {}
            }
            """
        let expected = """
            p.json:2:29: error: unknown key "patern" in "input"
              2 |   "input": {"folder": "in", "patern": "**/*.nii", "fourth_axis": "chanel"},
                |                             ^^^^^^^^
              help: did you mean "pattern"?
            p.json:2:66: error: "input.fourth_axis" is "chanel"; one of "channel", "batch" is expected
              2 |   "input": {"folder": "in", "patern": "**/*.nii", "fourth_axis": "chanel"},
                |                                                                  ^^^^^^^^
              help: did you mean "channel"?
            p.json:4:12: error: unknown step "orientt"
              4 |     {"op": "orientt", "to": "RAS"},
                |            ^^^^^^^^^ no step has this name
              help: did you mean "orient"?
            p.json:5:24: error: resample: spacing does not say its axis order; write spacing_ijk (x, y, z) or \
            spacing_dhw (z, y, x)
              5 |     {"op": "resample", "spacing": [1, 1, 1]},
                |                        ^^^^^^^^^
            p.json:6:22: error: zscore: unknown parameter "maks"
              6 |     {"op": "zscore", "maks": 3, "ddof": "one"},
                |                      ^^^^^^
              help: did you mean "mask"?
            p.json:6:41: error: zscore: ddof is "one"; expected a whole number
              6 |     {"op": "zscore", "maks": 3, "ddof": "one"},
                |                                         ^^^^^
            p.json:7:12: error: crop_or_pad: "size_ijk" or "size_dhw" is missing; it has no default
              7 |     {"op": "crop_or_pad"},
                |            ^^^^^^^^^^^^^
              help: medprep operators crop_or_pad tells what it needs
            p.json:8:5: error: "steps[4]" has no "op"
              8 |     {"min": 3},
                |     ^^^^^^^^^^
              help: name the step: {"op": "zscore"}
            p.json:9:5: error: "steps[5]" is a number; a step like {"op": "zscore"} is expected
              9 |     7
                |     ^
            p.json:11:21: error: "batch.size" is 0; a whole number from 1 to 4096 is expected
              11 |   "batch": {"size": 0},
                 |                     ^
            p.json:12:31: error: "layout" is for the formats "npy", "npz" and "safetensors"; NIfTI always puts channels on axis 4
              12 |   "output": {"format": "nii", "layout": "NCDHW", "compression": 11},
                 |                               ^^^^^^^^
              help: leave it out
            p.json:12:65: error: "output.compression" is 11; a whole number from 1 to 9 is expected
              12 |   "output": {"format": "nii", "layout": "NCDHW", "compression": 11},
                 |                                                                 ^^
            p.json:13:3: error: the key "batch" is written twice in the pipeline
              13 |   "batch": {}
                 |   ^^^^^^^
              help: keep one of the two
            """
        let (pipeline, diagnostics) = decode(text)
        #expect(pipeline == nil)
        #expect(diagnostics.description == expected)
    }

    @Test("faults between keys of the input")
    func inputKeys() {
        #expect(
            messages(#"{"steps": [], "input": {"pattern": "*", "images": {"a": "{case}/*"}}}"#)
                == [#"error: "pattern" and "images" exclude each other"#])
        #expect(
            messages(#"{"steps": [], "input": {"labels": {"a": "{case}/*"}}}"#)
                == [#"error: "labels" needs "images""#])
        #expect(
            messages(#"{"steps": [], "input": {"images": {"a": "{case}/*"}, "masks": {"a": "{case}/*m*"}}}"#)
                == [#"error: the name "a" stands twice under images, labels and masks"#])
        #expect(
            messages(#"{"steps": [], "input": {"images": {"a/b": "{case}/*"}}}"#)
                == [#"error: the name "a/b" cannot be part of a file name"#])
    }

    @Test("faults that only the steps and the input together show, also beside a wrong step")
    func crossStep() {
        let text = """
            {"steps": [{"op": "nothing_like_it"}, {"op": "zscore", "mask": "file"},
              {"op": "zscore", "mask": {"file": "brain"}}, {"op": "resample", "reference": "t1"},
              {"op": "batch_norm", "mode": "eval", "state": "nope.json"}, {"op": "batch_norm", "mask": "stats_only"}]}
            """
        let expected = [
            #"error: unknown step "nothing_like_it""#,
            #"error: zscore: "file" needs a mask, and the input has none"#,
            #"error: zscore: the input has no mask or label map "brain""#,
            #"error: resample: "t1" is neither an image of the case nor a file"#,
            #"error: batch_norm: the file "nope.json" is not there"#,
            "error: batch_norm: a masked statistic needs a mask, and the input has none",
        ]
        #expect(messages(text) == expected)
        let two = #"{"case": 1, "steps": [{"op": "zscore", "mask": "file"}], "input": {"folder": "x"}}"#
        #expect(messages(two) == [#"error: unknown key "case" in the pipeline"#])
    }

    @Test("\"file\" is not clear where the case has two masks")
    func twoMasks() {
        let input = #""images": {"a": "{case}/a*"}, "masks": {"b": "{case}/b*", "c": "{case}/c*"}"#
        #expect(
            messages(#"{"steps": [{"op": "zscore", "mask": "file"}], "input": {\#(input)}}"#)
                == [#"error: zscore: "file" is not clear: the input has b, c"#])
        #expect(
            messages(#"{"steps": [{"op": "zscore", "mask": {"file": "c"}}], "input": {\#(input)}}"#) == [])
    }

    @Test("doubts do not stop a run; strict makes them faults")
    func doubts() throws {
        let text = """
            {"steps": [{"op": "zscore"}, {"op": "clip", "max": 3}, {"op": "crop_foreground"}, {"op": "batch_norm"},
              {"op": "layer_norm", "axes": "C"}], "batch": {"size": 2}}
            """
        let (pipeline, diagnostics) = decode(text)
        #expect(pipeline?.steps.count == 5)
        #expect(!diagnostics.hasFaults)
        let expected = [
            "clip: stands behind zscore, so its limits are in standard deviations, no longer in the scan's unit",
            "batch_norm: the voxels decide whether the volumes of a batch have equal sizes",
            "layer_norm: over C a scan of one channel becomes beta everywhere",
        ]
        #expect(diagnostics.list.map(\.message) == expected)
        #expect(diagnostics.strict.hasFaults)
        #expect(diagnostics.strict.list.map(\.message) == expected)
    }

    @Test("only orient may stand before the resample that brings images together")
    func beforeReference() {
        let input = #""images": {"a": "{case}/a*", "b": "{case}/b*"}"#
        let steps = #"{"op": "orient"}, {"op": "zscore"}, {"op": "resample", "reference": "a"}"#
        #expect(
            messages(#"{"steps": [\#(steps)], "input": {\#(input)}}"#)
                == ["warning: zscore: stands before the resample whose reference brings the images together"])
    }

    @Test("what is no JSON, or no object, is one fault with its place")
    func syntax() {
        let cut = decode("{\"steps\": [")
        #expect(cut.pipeline == nil)
        #expect(cut.diagnostics.list.count == 1)
        #expect(cut.diagnostics.description.hasPrefix("p.json:1:"))
        #expect(messages("[]") == ["error: the pipeline is a list; an object is expected"])
        #expect(decode("").pipeline == nil)
    }
}
