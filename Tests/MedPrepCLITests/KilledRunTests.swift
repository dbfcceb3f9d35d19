import Glibc
import MedPrep
import MedPrepTestSupport
import Testing

/// Runs that are ended from outside. `Tests/Faults/run` ends them at fifty moments each; here it is a few.
@Suite("medprep run, killed", .serialized) struct KilledRunTests {
    private static let moments = getenv("MEDPREP_KILLS").flatMap { Int(String(cString: $0)) } ?? 4
    /// A folder of real scans to take instead.
    private static let scans = getenv("MEDPREP_KILL_SCANS").map { String(cString: $0) }

    /// Forty scans, a pipeline, and a folder with results of other settings.
    private final class Lab {
        let bench = Bench()
        let arguments: [String]
        let expected: OutputTree
        let status: Int32
        /// Microseconds that a run takes.
        let length: UInt64

        init(jobs: Int) {
            if KilledRunTests.scans == nil { bench.scans(40, sizes: [40, 40, 24]) }
            let input = KilledRunTests.scans ?? "in"
            // zlib: ISA-L may pick other matches in another process, where the processor answers differently.
            let output = #""output": {}"#
            let steps = #""steps": [{"op": "clip_percentiles"}, {"op": "zscore"}], \#(output)"#
            bench.write(
                #"{"input": {"folder": "\#(input)", "nonfinite": "ignore"}, \#(steps)}"#, to: "p.json")
            bench.write(
                #"{"input": {"folder": "\#(input)", "nonfinite": "ignore"}, "steps": [], "output": {"format": "npy"}}"#,
                to: "before.json")
            arguments = ["run", "p.json", "--out", "out", "--jobs", "\(jobs)"]
            _ = bench.medprep("run", "before.json", "--out", "before", "--jobs", "2")
            var clock = timespec()
            clock_gettime(CLOCK_MONOTONIC, &clock)
            let start = clock
            status = bench.medprep(arguments).status
            clock_gettime(CLOCK_MONOTONIC, &clock)
            length = UInt64(
                (clock.tv_sec - start.tv_sec) * 1_000_000 + (clock.tv_nsec - start.tv_nsec) / 1000)
            expected = OutputTree(bench.folder, "out")
        }

        /// An empty output folder, or one with results of other settings and names.
        func prepare(fresh: Bool) {
            _ = Program(directory: bench.folder.path, executable: "rm")("-rf", "out")
            if !fresh { _ = Program(directory: bench.folder.path, executable: "cp")("-a", "before", "out") }
        }

        /// Inode and time of what is done; its number of cases.
        func done() -> (stamps: [String: String], count: Int) {
            let tree = OutputTree(bench.folder, "out")
            let sidecars = tree.sidecars.filter { tree.files[$0] == expected.files[$0] }
            var stamps = [String: String]()
            for name in sidecars {
                for path in [name, name.dropLast(5) + ".nii.gz"] {
                    var status = stat()
                    stat(bench.folder.file("out/\(path)"), &status)
                    stamps[path] = "\(status.st_ino) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
                }
            }
            return (stamps, sidecars.count)
        }

        func stop(after delay: UInt64, by signal: Int32) -> Program.Result {
            let process = bench.medprep.start(arguments)
            usleep(UInt32(delay))
            kill(process.id, signal)
            return process.wait()
        }
    }

    @Test("kill -9 at any moment: the next run does what is missing, and nothing twice")
    func killed() throws {
        let lab = Lab(jobs: 2)
        #expect(lab.status == 0 || Self.scans != nil)
        #expect(lab.expected.sidecars.count == 40 || Self.scans != nil)
        var random = Seeded(seed: 40)
        var counts = Set<Int>()
        for moment in 0..<Self.moments {
            lab.prepare(fresh: moment % 2 == 0)
            // One in each part of the run, so that the moments spread over it.
            let place = Double(moment) + Double(random.next() % 1000) / 1000
            let delay = UInt64(place / Double(Self.moments) * Double(lab.length))
            let result = lab.stop(after: delay, by: SIGKILL)
            let comment = Comment(rawValue: "moment \(moment), \(delay) µs")
            let (_, broken) = OutputTree.vouched(lab.bench.folder, "out")
            #expect(broken.allSatisfy { $0.hasSuffix(".npy") }, comment)
            let (stamps, count) = lab.done()
            counts.insert(count)
            let second = lab.bench.medprep(lab.arguments)
            #expect(second.status == lab.status, comment)
            let differing = OutputTree(lab.bench.folder, "out").differences(from: lab.expected)
            #expect(differing == [], comment)
            let after = lab.done().stamps
            #expect(stamps.allSatisfy { after[$0.key] == $0.value }, comment)
            let told = second.errors.contains(count == 0 ? " written" : " \(count) already done")
            #expect(told && (count > 0 || !second.errors.contains("already done")), comment)
            // Of a run that was killed there is no report; the one of a run before it is gone.
            #expect(result.status == 128 + SIGKILL || count == lab.expected.sidecars.count, comment)
        }
        #expect(counts.count > min(Self.moments / 3, 8))
    }

    @Test(
        "SIGINT and SIGTERM at any moment: the report tells how the folder stands",
        arguments: [SIGINT, SIGTERM])
    func stopped(signal: Int32) throws {
        let lab = Lab(jobs: 2)
        var random = Seeded(seed: UInt64(signal))
        let moments = max(1, Self.moments / 4)
        for moment in 0..<moments {
            lab.prepare(fresh: moment % 2 == 0)
            let place = 0.2 + (Double(moment) + Double(random.next() % 1000) / 1000) / Double(moments) * 0.6
            let result = lab.stop(after: UInt64(place * Double(lab.length)), by: signal)
            let comment = Comment(rawValue: "moment \(moment): \(result.errors)")
            // Before the run listens, the signal ends the process; after its end, there is nothing to stop.
            #expect(result.status == 128 + signal || result.status == lab.status, comment)
            let tree = OutputTree(lab.bench.folder, "out")
            #expect(!tree.files.keys.contains { $0.hasSuffix(".tmp") } || result.errors.isEmpty, comment)
            if result.errors.contains(" left") {
                let report = try JSONReader.read(lab.bench.folder.read("out/report.json")).value["scans"]
                let count = lab.done().count
                #expect(report?["written"]?.int == count, comment)
                let rows = lab.bench.text("out/summary.tsv").split(separator: "\n").dropFirst()
                #expect(rows.count(where: { $0.contains("\twritten\t") }) == count, comment)
                #expect(rows.count(where: { $0.contains("\tleft\t") }) == report?["left"]?.int, comment)
            }
            #expect(lab.bench.medprep(lab.arguments).status == lab.status, comment)
            #expect(OutputTree(lab.bench.folder, "out").differences(from: lab.expected) == [], comment)
        }
    }
}

/// SplitMix64.
private struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }
}
