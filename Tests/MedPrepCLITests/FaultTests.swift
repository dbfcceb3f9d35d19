import Glibc
import MedPrepTestSupport
import Testing

/// A failing disk. `Tests/Faults/run` fails every single call; here it is every eleventh.
@Suite("medprep run on a failing disk") struct FaultTests {
    private static let step = getenv("MEDPREP_FAULTS") == nil ? 11 : 1

    @Test(
        "the n-th call fails: outputs are whole or absent, the report names the scan, the next run completes",
        .enabled(if: Fault.library != nil), arguments: Fault.kinds, FaultBench.Start.allCases)
    func single(kind: Fault, start: FaultBench.Start) throws {
        let bench = FaultBench(start)
        let library = try #require(Fault.library)
        #expect(bench.expected.sidecars.count == 3)
        var (fault, count) = (kind, 0)
        fault.first = Self.step == 1 ? 1 : 1 + (kind.call.utf8.count + Int(kind.error)) % 3
        while let result = bench.run(fault, library: library) {
            for sentence in bench.faults(of: result, fault) { Issue.record(Comment(rawValue: sentence)) }
            for sentence in bench.faultsOfNextRun(after: fault) { Issue.record(Comment(rawValue: sentence)) }
            fault.first += Self.step
            count += 1
        }
        #expect(count > 0 || Self.step > 1)
    }

    @Test(
        "the disk is broken or full from the n-th call on, until the next run",
        .enabled(if: Fault.library != nil),
        arguments: Fault.kinds.filter { $0.error != EINTR }, FaultBench.Start.allCases)
    func lasting(kind: Fault, start: FaultBench.Start) throws {
        let bench = FaultBench(start)
        let library = try #require(Fault.library)
        var fault = kind
        fault.count = 0
        while let result = bench.run(fault, library: library) {
            for sentence in bench.faults(of: result, fault) { Issue.record(Comment(rawValue: sentence)) }
            for sentence in bench.faultsOfNextRun(after: fault) { Issue.record(Comment(rawValue: sentence)) }
            fault.first += Self.step * 2 - 1
        }
    }
}
