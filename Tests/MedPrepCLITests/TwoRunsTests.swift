import Glibc
import MedPrepTestSupport
import Testing

@Suite("Two runs on one output folder") struct TwoRunsTests {
    @Test("the second refuses at once and names the first, which is not disturbed; kill -9 frees the folder")
    func second() {
        let bench = Bench()
        bench.scans(40, sizes: [64, 64, 40])
        let steps = #"[{"op": "resample", "spacing_ijk": [0.7, 1, 2], "interpolation": "bspline3"}]"#
        bench.write(#"{"input": {"folder": "in"}, "steps": \#(steps)}"#, to: "p.json")
        let words = ["run", "p.json", "--out", "out", "--jobs", "1", "--progress", "json"]
        let first = bench.medprep.start(words)
        for _ in 0..<2000 where !first.errors.contains("\"written\"") { usleep(5_000) }
        let before = OutputTree(bench.folder, "out").sidecars
        let refused = bench.medprep(words)
        #expect(refused.status == 75)
        let sentence = """
            medprep: out: another run (process \(first.id)) writes into this folder; wait for it or choose another \
            folder

            """
        #expect(refused.errors == sentence)
        // Another folder is free.
        bench.write(#"{"steps": []}"#, to: "plain.json")
        #expect(bench.medprep("run", "plain.json", "in/s0.nii", "--out", "other").status == 0)
        kill(first.id, SIGKILL)
        let killed = first.wait()
        #expect(killed.status == 128 + SIGKILL)
        #expect(Set(OutputTree(bench.folder, "out").sidecars).isSuperset(of: before))
        let third = bench.medprep(words)
        #expect(third.status == 0)
        #expect(third.errors.contains(" already done"))
        #expect(OutputTree(bench.folder, "out").sidecars.count == 40)
        #expect(!OutputTree(bench.folder, "out").files.keys.contains { $0.hasSuffix(".tmp") })
    }
}
