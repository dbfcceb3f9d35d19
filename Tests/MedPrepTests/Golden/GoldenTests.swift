import MedPrep
import MedPrepCore
import MedPrepIO
import MedPrepOperators
import Testing

/// Every case of the index against the values that peer libraries gave, at its own tolerance. A case counts as not
/// implemented only where its operation or an option of it does not decode.
@Suite("Golden") struct GoldenTests {
    /// Numbers that peers hand out on their way and medprep does not: y is compared in these cases.
    private static let untold: Set<String> = [
        "r", "d", "limits", "median", "mad", "mean", "var", "std", "voxels", "tissue_mean_spread", "sampled_mean",
        "nonzero_seg",
    ]

    private struct Tally {
        var passed = 0
        var failed = 0
        var missing = 0
    }

    @Test("every case that the operators offer agrees with its peer")
    func all() throws {
        let index = try GoldenIndex()
        let runner = GoldenRunner(index: index)
        var tallies = [String: Tally]()
        var order = [String]()
        for golden in index.cases {
            if tallies[golden.operation] == nil { order.append(golden.operation) }
            var tally = tallies[golden.operation] ?? Tally()
            switch try runner.run(golden) {
            case .notImplemented: tally.missing += 1
            case .refused(let code, let message):
                if code == golden.errorCode {
                    tally.passed += 1
                } else {
                    tally.failed += 1
                    Issue.record("\(golden.id): refused (\(code)): \(message)")
                }
            case .outputs(let outputs, let grid):
                let faults = try compare(golden, outputs, grid, index)
                tally.passed += faults.isEmpty ? 1 : 0
                tally.failed += faults.isEmpty ? 0 : 1
                for fault in faults { Issue.record("\(golden.id): \(fault)") }
            }
            tallies[golden.operation] = tally
        }
        #expect(index.cases.count > 0)
        for name in order {
            let tally = tallies[name] ?? Tally()
            print("\(name): \(tally.passed) passed, \(tally.failed) failed, \(tally.missing) not implemented")
            if (Catalog.all.map { $0.name } + Catalog.functions.map { $0.name }).contains(name) {
                #expect(tally.passed > 0, "\(name) is in the catalog and passes no case")
            }
        }
    }

    /// What differs, one line an output.
    private func compare(
        _ golden: GoldenCase, _ outputs: [String: GoldenValue], _ grid: Grid?, _ index: GoldenIndex
    ) throws -> [String] {
        if let code = golden.errorCode { return ["expected the error \(code), got a result"] }
        let ignored = try golden.ignored.map { try NPYReader.read(index.path($0)).doubles }
        var faults = [String]()
        var compared = 0
        for output in golden.expected {
            guard let got = outputs[output.key] else {
                if !Self.untold.contains(output.key) { faults.append("\(output.key) is not told") }
                continue
            }
            let want =
                try output.value["file"]?.string.map { GoldenValue(try NPYReader.read(index.path($0))) }
                ?? GoldenValue(json: output.value["value"] ?? .null)
            compared += 1
            if let word = want.word {
                if word != got.word { faults.append("\(output.key) is \(got.word ?? "no word"), expected \(word)") }
            } else if !got.fits(want) {
                faults.append("\(output.key) has the shape \(got.shape), expected \(want.shape)")
            } else if let at = got.numbers.indices.first(where: { place in
                ignored?[place] ?? 0 == 0 && !golden.admits(got.numbers[place], want.numbers[place])
            }) {
                faults.append(
                    "\(output.key)[\(at)] is \(got.numbers[at]), expected \(want.numbers[at]) within \(golden.tolerance)")
            }
        }
        if compared == 0 { faults.append("nothing was compared") }
        return faults + geometryFaults(golden, grid)
    }

    /// Affines within 1e-5, sizes exactly.
    private func geometryFaults(_ golden: GoldenCase, _ grid: Grid?) -> [String] {
        guard let want = golden.geometry, let members = want.members, !members.isEmpty else { return [] }
        guard let grid else { return ["no grid was told"] }
        var faults = [String]()
        func check(_ key: String, _ got: [Double], tolerance: Double) {
            guard let json = want[key] else { return }
            let expected = GoldenValue(json: json).numbers
            if got.count != expected.count || zip(got, expected).contains(where: { abs($0 - $1) > tolerance }) {
                faults.append("\(key) is \(got), expected \(expected)")
            }
        }
        check("affine", grid.affine.rows.flatMap { $0 }, tolerance: 1e-5)
        check("shape_dhw", [grid.extent.z, grid.extent.y, grid.extent.x].map(Double.init), tolerance: 0)
        check("spacing_ijk", [grid.spacing.x, grid.spacing.y, grid.spacing.z], tolerance: 1e-5)
        return faults
    }
}
