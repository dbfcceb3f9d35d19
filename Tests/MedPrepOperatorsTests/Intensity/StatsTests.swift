import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("Stats") struct StatsTests {
    static let tensor = Tensor(Shape(d: 1, h: 1, w: 4, c: 2), [1, 5, 2, 5, 0, 5, .nan, 5])

    @Test("reports every field of each channel, with null and a flag for what does not exist")
    func report() throws {
        var context = Context()
        let look = try Stats().look(at: Self.tensor, in: &context)
        let channels = try #require(look["channels"]?.array)
        #expect(channels.count == 2)
        let keys = channels[0].members?.map(\.key)
        #expect(
            keys == [
                "count", "nonzero", "nonfinite", "min", "max", "mean", "std", "var", "var_unbiased",
                "skewness",
                "excess_kurtosis", "median", "percentiles", "m_effective", "constant",
            ])
        let variance = 2.0 / 3
        let expected: [(String, Double)] = [
            ("count", 3), ("nonzero", 2), ("nonfinite", 1), ("min", 0), ("max", 2), ("mean", 1),
            ("std", variance.squareRoot()), ("var", variance), ("var_unbiased", 1), ("skewness", 0),
            ("excess_kurtosis", -1.5), ("median", 1), ("m_effective", 3),
        ]
        for (key, value) in expected {
            let found = try #require(channels[0][key]?.double)
            #expect(abs(found - value) < 1e-12, "\(key)")
        }
        #expect(channels[0]["constant"] == false)
        let ranks = channels[0]["percentiles"]?.members?.map(\.key)
        #expect(ranks == ["0.5", "1", "5", "25", "50", "75", "95", "99", "99.5"])
        #expect(channels[0]["percentiles"]?["25"] == 0.5)
        #expect(channels[1]["constant"] == true && channels[1]["var"] == 0.0)
        #expect(channels[1]["skewness"] == .some(.null))
        #expect(channels[1]["undefined"] == ["skewness", "excess_kurtosis"])
        #expect(context.findings == [Finding(.constantChannel, "channel 1 holds one value")])
    }

    @Test("reports the fields and percentiles asked for, in that order; the median needs no rank")
    func fields() throws {
        var (stats, context) = (Stats(), Context())
        (stats.fields, stats.percentiles) = ([.median, .count, .percentiles], [100, 12.5])
        let channel = try stats.look(at: Self.tensor, in: &context)["channels"]?.array?.first
        let expected: JSONValue = ["median": 1.0, "count": 3, "percentiles": ["100": 2.0, "12.5": 0.25]]
        #expect(channel == expected)
    }

    @Test("takes a channel over all samples")
    func samples() throws {
        var (stats, context) = (Stats(), Context())
        stats.fields = [.count, .mean]
        let look = try stats.look(at: Tensor(Shape(n: 2, d: 1, h: 1, w: 2), [1, 2, 3, 6]), in: &context)
        let expected: JSONValue = ["channels": [["count": 4, "mean": 3.0]]]
        #expect(look == expected)
    }

    @Test("refuses an empty mask and a scan without a finite voxel")
    func empty() {
        func message(_ mask: MaskChoice, _ tensor: Tensor) -> String? {
            var (stats, context) = (Stats(), Context())
            stats.mask = mask
            do throws(OperatorError) {
                _ = try stats.look(at: tensor, in: &context)
                return nil
            } catch {
                return error.description
            }
        }
        let zeros = Tensor(Shape(d: 1, h: 1, w: 3))
        #expect(
            message(.positive, zeros)
                == "the mask \"positive\" holds no voxel; choose another mask, or leave it out to use every voxel"
        )
        let undefined = Tensor(Shape(d: 1, h: 1, w: 3), repeating: .nan)
        #expect(message(.none, undefined) == "stats found no finite voxel to take statistics from")
        #expect(message(.none, zeros) == nil)
    }

    @Test("an empty summary is all null, and says so")
    func emptySummary() {
        let json = Summary().json([.count, .min, .constant], percentiles: [])
        let expected: JSONValue = ["count": 0, "min": nil, "constant": false, "undefined": ["min"]]
        #expect(json == expected)
    }

    @Test("reads back what it writes, and refuses doubles and unknown words")
    func json() throws {
        try expectRoundTrip(
            Stats.self,
            [
                .init("percentiles", .numbers([2.5, 97.5])), .init("fields", ["mean", "var_unbiased"]),
                .init("mask", "mean"),
            ])
        expectFault(Stats.self, ["percentiles": [5, 5]], "percentiles names a rank twice: [5, 5]")
        expectFault(Stats.self, ["fields": ["min", "min"]], "fields names a field twice: [\"min\", \"min\"]")
        expectFault(Stats.self, ["percentiles": [-1]], "percentiles is -1; expected at least 0")
    }
}
