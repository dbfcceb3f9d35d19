import Glibc
import MedPrep
import MedPrepTestSupport
import Testing

@Suite("medprep run") struct RunCommandTests {
    private let bench = Bench()

    init() {
        bench.scans(3)
        bench.write(#"{"input": {"folder": "in"}, "steps": [{"op": "zscore"}]}"#, to: "p.json")
    }

    @Test("the last lines say what happened and what to type next")
    func summary() {
        bench.write("no scan", to: "in/x y.nii")
        let first = bench.medprep("run", "p.json", "--out", "out")
        #expect(first.status == 1)
        #expect(first.output == "")
        let lines = first.errors.split(separator: "\n").map(String.init)
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("4 scans: 3 written, 1 failed   "))
        #expect(lines[1].hasPrefix("failed:    x y.nii  read: "))
        #expect(lines[2] == "again:     medprep run p.json --out out          (does only what is missing)")
        let again = bench.medprep("run", "p.json", "in", "--out", "out")
        #expect(again.errors.hasPrefix("4 scans: 0 written, 3 already done, 1 failed   "))
        unlink(bench.folder.file("in/x y.nii"))
        let done = bench.medprep("run", "p.json", "--out", "out")
        #expect(done.status == 0)
        #expect(done.errors.hasPrefix("3 scans: 0 written, 3 already done   "))
        #expect(done.errors.split(separator: "\n").count == 1)
    }

    @Test("the line to type next is quoted for the shell")
    func quoting() {
        bench.write(bench.text("p.json"), to: "it's p.json")
        bench.write("no scan", to: "in/x.nii")
        let result = bench.medprep("run", "it's p.json", "--out", "my out")
        #expect(result.errors.contains(#"again:     medprep run 'it'\''s p.json' --out 'my out'  "#))
    }

    @Test("--dry-run tells shapes, memory and outputs, and writes nothing")
    func dryRun() {
        bench.write("no scan", to: "in/x.nii")
        let result = bench.medprep("run", "p.json", "--out", "out", "--dry-run")
        #expect(result.status == 1)
        let lines = result.output.split(separator: "\n").map(String.init)
        #expect(lines.count == 5)
        #expect(lines[0].hasPrefix("s0\t1x4x5x6x1 NDHWC, 0.8x1.25x2.5 mm, RAS\t-> 1x4x5x6x1 NDHWC"))
        #expect(lines[0].hasSuffix("\ts0.nii.gz"))
        #expect(lines[3].hasPrefix("x.nii\trefused\tread: "))
        #expect(lines[4].hasPrefix("4 scans: 3 to do, 1 refused; one needs at most "))
        #expect(bench.folder.files(below: "out") == [])
        #expect(!bench.folder.names.contains("out"))
    }

    @Test("--progress json is one JSON object a line on stderr; --quiet says nothing")
    func progress() throws {
        let result = bench.medprep("run", "p.json", "--out", "out", "--progress", "json")
        let lines = result.errors.split(separator: "\n").map { Array($0.utf8) }
        let events = try lines.prefix(4).map { try JSONReader.read($0).value }
        #expect(events[0] == ["pass": "run", "scans": 3])
        let scan: JSONValue = ["scan": "s0", "status": "written", "finished": 1, "scans": 3, "failed": 0]
        #expect(events[1] == scan)
        let quiet = bench.medprep("run", "p.json", "--out", "out2", "--quiet")
        #expect(quiet.status == 0)
        #expect(quiet.errors == "" && quiet.output == "")
    }

    @Test("exit statuses for what cannot begin")
    func statuses() {
        #expect(bench.medprep("run", "p.json").status == 64)
        #expect(bench.medprep("run", "none.json", "--out", "out").status == 65)
        #expect(bench.medprep("run", "p.json", "nowhere", "--out", "out").status == 66)
        #expect(bench.medprep("run", "p.json", "--out", "in/out").status == 73)
        bench.write("a file", to: "taken")
        #expect(bench.medprep("run", "p.json", "--out", "taken").status == 73)
        #expect(bench.medprep("run", "p.json", "--out", "taken/deeper").status == 73)
        let descriptor = bench.folder.write([], to: "held/.medprep.lock").withCString { open($0, O_RDWR) }
        #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        let held = bench.medprep("run", "p.json", "--out", "held")
        close(descriptor)
        #expect(held.status == 75)
        #expect(held.errors.hasPrefix("medprep: held: another run "))
    }

    @Test("--max-failures ends the run with a summary")
    func maxFailures() {
        for index in 0..<3 { bench.write("no scan", to: "in/a\(index).nii") }
        bench.scans(40)
        let result = bench.medprep("run", "p.json", "--out", "out", "--jobs", "1", "--max-failures", "1")
        #expect(result.status == 1)
        #expect(result.errors.contains(" left"))
        #expect(result.errors.contains("stopped:   more than 1 failures, as --max-failures says\n"))
        #expect(result.errors.contains("again:     medprep run p.json --out out"))
    }

    @Test("SIGINT ends a run with 130, no temporary file stays, and the next run goes on")
    func interrupt() throws {
        bench.scans(24, sizes: [72, 72, 48])
        let steps =
            #"[{"op": "resample", "spacing_ijk": [0.7, 1, 2], "interpolation": "bspline3"}, {"op": "zscore"}]"#
        bench.write(#"{"input": {"folder": "in"}, "steps": \#(steps)}"#, to: "p.json")
        let process = bench.medprep.start(
            ["run", "p.json", "--out", "out", "--jobs", "2", "--progress", "json"])
        for _ in 0..<1000 where !process.errors.contains("\"written\"") { usleep(10_000) }
        kill(process.id, SIGINT)
        let result = process.wait()
        #expect(result.status == 130)
        #expect(result.errors.contains(" left"))
        #expect(result.errors.contains("again:     medprep run p.json --out out"))
        let names = bench.folder.files(below: "out")
        #expect(!names.contains { $0.hasSuffix(".tmp") })
        for name in names where name.hasSuffix(".nii.gz") {
            #expect(names.contains(name.replacing(".nii.gz", with: ".json")))
        }
        let second = bench.medprep("run", "p.json", "--out", "out", "--jobs", "2")
        #expect(second.status == 0)
        #expect(second.errors.contains(" already done"))
    }

    @Test("SIGINT during a first pass ends with 130 too")
    func interruptFirstPass() {
        bench.scans(24, sizes: [72, 72, 48])
        bench.write(
            #"{"input": {"folder": "in"}, "steps": [{"op": "batch_norm", "mode": "global"}]}"#, to: "p.json")
        let process = bench.medprep.start([
            "run", "p.json", "--out", "out", "--jobs", "1", "--progress", "json",
        ])
        for _ in 0..<1000 where !process.errors.contains("first pass") { usleep(2_000) }
        kill(process.id, SIGINT)
        #expect(process.wait().status == 130)
        #expect(!bench.folder.files(below: "out").contains { $0.hasSuffix(".tmp") })
    }

    @Test("sixteen scans in a budget of two volumes stay below it and 100 MiB")
    func memory() throws {
        bench.scans(16, sizes: [160, 160, 96])
        let steps = """
            [{"op": "orient", "to": "LPS"}, {"op": "resample", "spacing_ijk": [0.9, 1.2, 2.4]}, {"op": "zscore"}]
            """
        bench.write(#"{"input": {"folder": "in"}, "steps": \#(steps)}"#, to: "p.json")
        var options = Run.Options()
        (options.jobs, options.outputFolder) = (2, bench.folder.file("out"))
        options.inputs = [bench.folder.file("in")]
        let pipeline = try #require(PipelineFile.read(bench.folder.file("p.json")).pipeline)
        let one = try #require(Run(pipeline, options).plan().cases.map(\.peakBytes).max())
        let result = bench.medprep("run", "p.json", "--out", "out", "--jobs", "2", "--memory", "\(2 * one)")
        #expect(result.status == 0)
        let report = try JSONReader.read(bench.folder.read("out/report.json")).value
        let peak = try #require(report["timing"]?["peak_memory_bytes"]?.int)
        #expect(peak > one)
        #expect(Sanitizer.isOn || peak < 2 * one + 100 << 20)
    }

    @Test("a B-spline and a crop hold what the plan says, and no copy more")
    func copies() throws {
        bench.scans(1, sizes: [256, 256, 160])
        let steps = """
            [{"op": "crop_center", "size_ijk": [250, -1, -1]}, {"op": "resample", "spacing_ijk": [0.8, 1.25, 2.4],
              "interpolation": "bspline3"}, {"op": "clip", "min": 0}]
            """
        bench.write(#"{"steps": \#(steps)}"#, to: "p.json")
        let result = bench.medprep("run", "p.json", "in/s0.nii", "--out", "out", "--jobs", "1")
        #expect(result.status == 0)
        let report = try JSONReader.read(bench.folder.read("out/report.json")).value
        let peak = try #require(report["timing"]?["peak_memory_bytes"]?.int)
        // The scan and the result, 40 MiB each, and what the program is without them; one copy would be 40 more.
        #expect(Sanitizer.isOn || peak < 2 * 40 << 20 + 32 << 20)
    }
}
