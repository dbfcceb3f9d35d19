import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("BatchStatReport") struct BatchStatReportTests {
    static func report(_ tensors: [Tensor], batchSize: Int, sizes: [Int] = [1, 4]) throws -> JSONValue {
        var (step, context) = (BatchStatReport(), Context())
        step.batchSizes = sizes
        let looks = try tensors.map { try step.look(at: $0, in: &context) }
        let report = try step.report(on: looks, batchSize: batchSize)
        return try #require(report)
    }

    static func numbers(_ report: JSONValue, _ key: String) throws -> [Double] {
        try #require(report[key]?.array?.compactMap { $0.double })
    }

    @Test("is the definition of every number")
    func definition() throws {
        let tensors = (0..<5).map {
            Tensor.random(Shape(d: 2, h: 3, w: 5, c: 2), seed: $0, mean: Double($0 * $0), spread: 2)
        }
        let report = try Self.report(tensors, batchSize: 9)
        let keys = [
            "samples", "sample_mean", "sample_var", "var_of_mean", "var_of_var", "m_effective_per_sample",
            "m_effective_batch", "iid_se_of_mean", "iid_var_of_mean", "iid_var_of_var", "inflation",
            "expected_var_of_batch_mean", "batch_size", "severity", "text",
        ]
        #expect(report.members?.map(\.key) == keys)
        #expect(report["samples"] == 5 && report["batch_size"] == 9)
        #expect(report["m_effective_per_sample"]?.int == 30 && report["m_effective_batch"]?.int == 270)
        for c in 0..<2 {
            let each = tensors.map { meanAndVariance($0.channel(c)) }
            func spread(_ x: [Double]) -> Double {
                let mean = x.reduce(0, +) / 5
                return x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4
            }
            let (ofMean, ofVar) = (spread(each.map(\.mean)), spread(each.map(\.variance)))
            let all = tensors.flatMap { $0.channel(c) }
            let (mean, biased) = meanAndVariance(all)
            let variance = biased * 150 / 149
            let fourth = all.reduce(0) { sum, x in
                let d = Double(x) - mean
                return sum + d * d * d * d
            }
            let theory = (fourth / 150 - variance * variance * 27 / 29) / 30
            func expect(_ key: String, _ expected: Double) throws {
                let found = try Self.numbers(report, key)[c]
                #expect(abs(found - expected) < 1e-9 * abs(expected), "\(key)")
            }
            try expect("var_of_mean", ofMean)
            try expect("var_of_var", ofVar)
            try expect("iid_var_of_mean", variance / 30)
            try expect("iid_se_of_mean", (variance / 30).squareRoot())
            try expect("iid_var_of_var", theory)
            try expect("inflation", ofMean / (variance / 30))
            let expected = try #require(report["expected_var_of_batch_mean"]?.array)
            #expect(expected.map { $0["batch_size"] } == [1, 4])
            let quarter = try #require(expected[1]["value"]?.array?[c].double)
            #expect(abs(quarter - ofMean / 4) < 1e-9 * ofMean)
        }
    }

    @Test("has nulls where one sample has no spread")
    func oneSample() throws {
        let report = try Self.report([Tensor.random(Shape(d: 2, h: 2, w: 2), seed: 1)], batchSize: 1)
        for key in ["var_of_mean", "var_of_var", "inflation"] {
            #expect(report[key]?.line == "[null]")
        }
        #expect(try Self.numbers(report, "iid_se_of_mean").allSatisfy { $0.isFinite })
    }

    @Test(
        "judges by scans of a batch",
        arguments: [(1, "severe"), (8, "severe"), (9, "warning"), (31, "warning"), (32, "ok")])
    func severity(batchSize: Int, severity: String) throws {
        let report = try Self.report([Tensor.random(Shape(d: 2, h: 2, w: 2), seed: 1)], batchSize: batchSize)
        #expect(report["severity"]?.string == severity)
        let text = try #require(report["text"]?.string)
        let way = "batch renormalization, instance, group or layer normalization, weight normalization"
        #expect(text.contains(way) == (severity != "ok"))
    }

    @Test("batch_norm and batch_renorm write the same in mode train, unasked")
    func unasked() throws {
        let tensors = (0..<3).map { Tensor.random(Shape(d: 2, h: 2, w: 2), seed: $0) }
        let expected = try Self.report(tensors, batchSize: 2, sizes: [1, 2, 4, 8, 16, 32])
        let measures = try tensors.map { try BatchNorm().measured($0) }
        #expect(BatchNorm().report(on: measures, batchSize: 2)?.line == expected.line)
        #expect(BatchRenorm().report(on: measures, batchSize: 2)?.line == expected.line)
        #expect(BatchNormTests.batchNorm { $0.mode = .eval }.report(on: measures, batchSize: 2) == nil)
    }

    @Test("says nothing of no scans and survives a hostile batch size")
    func edges() throws {
        #expect(try BatchStatReport().report(on: [], batchSize: 1) == nil)
        let report = try Self.report([Tensor.random(Shape(d: 2, h: 2, w: 2), seed: 1)], batchSize: .max)
        #expect(report["severity"]?.string == "ok")
    }

    @Test("changes nothing and looks the same on 1, 2 and 3 workers")
    func workers() throws {
        let tensor = Tensor.random(Shape(n: 2, d: 33, h: 33, w: 34, c: 2), seed: 1)
        let looks = try (1...3).map { workers in
            var context = Context(workers: Workers(workers))
            return try BatchStatReport().look(at: tensor, in: &context)
        }
        #expect(looks[0] == looks[1] && looks[0] == looks[2])
    }

    @Test("refuses a batch size below 1")
    func parameters() {
        let error = #expect(throws: ParameterErrors.self) {
            try BatchStatReport(parameters: [.init("batch_sizes", [0])])
        }
        #expect(error?.description == "batch_sizes is 0; expected at least 1")
    }
}
