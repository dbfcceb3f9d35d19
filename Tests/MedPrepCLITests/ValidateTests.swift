import MedPrepTestSupport
import Testing

@Suite("medprep validate") struct ValidateTests {
    private let bench = Bench()

    @Test("every fault of the file at once, each with its place; status 65")
    func faults() {
        bench.write(
            """
            {
              "steps": [
                {"op": "orientt"},
                {"op": "clip", "min": 80, "max": 0}
              ],
              "ouput": {"folder": "out"}
            }
            """, to: "p.json")
        let result = bench.medprep("validate", "p.json")
        #expect(result.status == 65)
        #expect(result.output == "")
        #expect(
            result.errors == """
                p.json:3:12: error: unknown step "orientt"
                  3 |     {"op": "orientt"},
                    |            ^^^^^^^^^ no step has this name
                  help: did you mean "orient"?
                p.json:4:27: error: clip: min 80.0 is above max 0.0
                  4 |     {"op": "clip", "min": 80, "max": 0}
                    |                           ^^
                p.json:6:3: error: unknown key "ouput" in the pipeline
                  6 |   "ouput": {"folder": "out"}
                    |   ^^^^^^^
                  help: did you mean "output"?

                """)
    }

    @Test("a pipeline file that is not there, is a folder or is empty: 65")
    func unreadable() {
        bench.write("", to: "empty.json")
        let missing = bench.medprep("validate", "none.json")
        #expect(missing.status == 65)
        #expect(missing.errors == "none.json: error: cannot read the pipeline file: there is no such file\n")
        let folder = bench.medprep("validate", ".")
        #expect(folder.status == 65)
        #expect(folder.errors == ".: error: cannot read the pipeline file: this is a folder\n")
        #expect(bench.medprep("validate", "empty.json").status == 65)
    }

    @Test("headers alone: 1; all good: 0; nothing is written")
    func headers() {
        bench.scans(2)
        bench.write(#"{"input": {"folder": "in"}, "steps": [{"op": "zscore"}]}"#, to: "p.json")
        let good = bench.medprep("validate", "p.json")
        #expect(good.status == 0)
        #expect(good.output == "p.json: 1 step, no fault; 2 scans, 0 refused\n")
        bench.write("no scan", to: "in/x.nii")
        let bad = bench.medprep("validate", "p.json")
        #expect(bad.status == 1)
        #expect(bad.output == "p.json: 1 step, no fault; 3 scans, 1 refused\n")
        #expect(bad.errors.hasPrefix("x.nii: read: "))
        #expect(bench.folder.files().count == 4)
        #expect(bench.medprep("validate", "p.json", "nowhere").status == 66)
    }

    @Test("a doubt is printed and passes; with --strict it is a fault")
    func strict() {
        bench.write(#"{"steps": [{"op": "zscore"}, {"op": "clip", "max": 3}]}"#, to: "p.json")
        let doubt = bench.medprep("validate", "p.json")
        #expect(doubt.status == 0)
        #expect(doubt.errors.hasPrefix("p.json:1:37: warning: clip: stands behind zscore"))
        let strict = bench.medprep("validate", "--strict", "p.json")
        #expect(strict.status == 65)
        #expect(strict.errors.hasPrefix("p.json:1:37: error: clip: stands behind zscore"))
    }
}
