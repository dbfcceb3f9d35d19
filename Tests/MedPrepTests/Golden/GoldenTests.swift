import MedPrepCore
import MedPrepOperators
import Testing

/// Holds every offered step against the peer libraries, within the tolerance written beside each case.
///
/// MEDPREP_GOLDEN names another folder than `Tests/Golden`.
@Suite("Golden") struct GoldenTests {
    @Test("every case of what is offered agrees with its peer")
    func walk() throws {
        let index = try GoldenIndex(folder: GoldenIndex.folder)
        var tally = GoldenTally()
        for entry in index.entries {
            let (operation, id) = (entry["op"]?.string ?? "no op", entry["id"]?.string ?? "no id")
            let outcome = GoldenWalk.outcome(of: entry, folder: index.folder)
            tally.add(outcome, to: operation)
            guard case .failed(let faults) = outcome else { continue }
            for fault in faults { Issue.record("\(operation) \(id), \(fault)") }
        }
        print(tally.text)
        #expect(tally.sum.passed + tally.sum.failed + tally.sum.notImplemented == index.entries.count)
        let offered = Catalog.names + Catalog.functions.map { $0.name }
        for step in tally.steps where offered.contains(step.name) && step.passed == 0 {
            Issue.record("\(step.name) is offered and has golden cases, but none of them passes")
        }
    }
}
