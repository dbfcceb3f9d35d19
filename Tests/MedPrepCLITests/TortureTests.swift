import MedPrep
import MedPrepTestSupport
import Testing

@Suite("The torture set beside the checkout", .enabled(if: Shared.hasTorture)) struct TortureTests {
    @Test("inspect --stats --json says what expected.json says, and run writes the good ones")
    func all() throws {
        let (folder, cases) = try TortureCase.all()
        #expect(cases.count >= 40)
        let medprep = Program(directory: folder.path)
        let result = medprep(["inspect", "--stats", "--json"] + cases.map(\.name))
        #expect(result.status == 1)
        let entries = try #require(try JSONReader.read(Array(result.output.utf8)).value.array)
        #expect(entries.map { $0["path"]?.string } == cases.map(\.name))
        for (expected, entry) in zip(cases, entries) { compare(expected, entry) }

        folder.write(Array(#"{"steps": []}"#.utf8), to: "strict.json")
        folder.write(Array(#"{"input": {"nonfinite": "zero"}, "steps": []}"#.utf8), to: "zero.json")
        for (pipeline, takesNonfinite) in [("strict", false), ("zero", true)] {
            let run = medprep("run", "\(pipeline).json", "ok", "gz", "bad", "--out", pipeline, "--quiet")
            #expect(run.status == 1)
            let report = try JSONReader.read(folder.read("\(pipeline)/report.json")).value
            let failures = report["failures"]?.array ?? []
            for (expected, entry) in zip(cases, entries) {
                let name = ScanPath(expected.name)
                let stem = String(decoding: name.name.withoutScanExtension.bytes, as: UTF8.self)
                let isGood = entry["ok"] == true && (takesNonfinite || entry["nan_count"] == 0)
                #expect(folder.read("\(pipeline)/\(stem).nii.gz").isEmpty != isGood, "\(expected.name)")
                let failure = failures.first { $0["scan"]?.string == stem }
                let code = entry["error"]?["code"]?.string ?? (isGood ? nil : "nonfinite")
                #expect(failure?["code"]?.string == code, "\(expected.name)")
            }
        }
    }

    private func compare(_ expected: TortureCase, _ entry: JSONValue) {
        guard entry["ok"] == true else {
            #expect(expected.expected != "accept", "\(expected.name): \(entry.line)")
            #expect(entry["error"]?["code"]?.string == expected.reason, "\(expected.name): \(entry.line)")
            return
        }
        #expect(expected.expected != "reject", "\(expected.name) is not refused")
        #expect(entry["shape"]?.array?.compactMap(\.int) == expected.shape, "\(expected.name)")
        #expect(entry["orientation"]?.string == expected.orientation, "\(expected.name)")
        #expect(entry["nan_count"]?.int == expected.nan, "\(expected.name)")
        let affine = entry["affine"]?.array.map { rows in rows.flatMap { $0.array ?? [] }.compactMap(\.double)
        }
        let wanted = expected.affine.map { $0.flatMap { $0 } }
        #expect((affine == nil) == (wanted == nil), "\(expected.name)")
        let lists =
            [(affine ?? [], wanted ?? [])] + (wanted == nil ? [] : [(spacing(entry), expected.spacing ?? [])])
        for (found, wanted) in lists {
            let isSame =
                found.count == wanted.count
                && zip(found, wanted).allSatisfy { isClose($0, $1, absolute: 1e-5) }
            #expect(isSame, "\(expected.name): \(found)")
        }
        let numbers = [
            ("first", expected.first?.value), ("last", expected.last?.value), ("mean", expected.mean),
        ]
        for (key, value) in numbers {
            guard let value else { continue }
            let found = entry[key]?.double
            #expect(value.isFinite ? isClose(found ?? .nan, value) : found == nil, "\(expected.name) \(key)")
        }
    }

    private func spacing(_ entry: JSONValue) -> [Double] {
        entry["spacing_mm"]?.array?.compactMap(\.double) ?? []
    }
}
