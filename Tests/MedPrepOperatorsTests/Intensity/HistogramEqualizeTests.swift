import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("HistogramEqualize") struct HistogramEqualizeTests {
    /// Counts, cumulates and interpolates one value at a time.
    static func plain(_ x: [Float], counted: [Float], bins: Int, _ outMin: Double, _ outMax: Double)
        -> [Double]
    {
        let (low, high) = (Double(counted.min() ?? 0), Double(counted.max() ?? 0))
        let width = (high - low) / Double(bins)
        var sums = [Double](repeating: 0, count: bins)
        for value in counted {
            let bin = (0..<bins).last { low + Double($0) * width <= Double(value) } ?? 0
            for k in bin..<bins { sums[k] += 1 }
        }
        let heights = sums.map { ($0 - sums[0]) / (sums[bins - 1] - sums[0]) * (outMax - outMin) + outMin }
        return x.map { value in
            let place = (Double(value) - low) / width - 0.5
            let limited = Swift.min(Swift.max(place, 0), Double(bins - 1))
            let k = Swift.min(Int(limited), bins - 2)
            return heights[k] + (limited - Double(k)) * (heights[k + 1] - heights[k])
        }
    }

    @Test(
        "is the interpolated cumulative histogram of each channel", arguments: [MaskChoice.none, .positive])
    func formula(mask: MaskChoice) throws {
        let tensor = Tensor.random(Shape(n: 2, d: 3, h: 21, w: 23, c: 2), seed: 4, mean: 10, spread: 60)
        var step = HistogramEqualize()
        (step.bins, step.outMin, step.outMax, step.mask) = (16, -2, 5, mask)
        let found = try applied(step, to: tensor).values
        for n in 0..<2 {
            for c in 0..<2 {
                let x = tensor.channel(c, sample: n)
                let counted = mask == .none ? x : x.filter { $0 > 0 }
                expectClose(
                    found.channel(c, sample: n), Self.plain(x, counted: counted, bins: 16, -2, 5),
                    tolerance: 1e-6)
            }
        }
    }

    @Test("a constant becomes out_min, with a finding; NaN stays and infinity is an end")
    func edges() throws {
        var step = HistogramEqualize()
        step.outMin = 3
        let constant = try applied(step, to: Tensor(Shape(d: 1, h: 1, w: 2), repeating: 9))
        #expect(constant.values.values == [3, 3])
        #expect(
            constant.findings == [Finding(.constantChannel, "channel 0 holds one value; it becomes out_min")])
        let x = Tensor(Shape(d: 1, h: 1, w: 5), [0, .nan, 1, .infinity, -.infinity])
        expectClose(try applied(step, to: x).values.values, [3, .nan, 255, 255, 3])
        expectRefusal(
            step, of: Tensor(Shape(d: 1, h: 1, w: 1), repeating: .nan),
            "histogram_equalize found no finite voxel to take statistics from")
    }

    @Test("reads back what it writes and refuses what does not go together")
    func json() throws {
        try expectRoundTrip(
            HistogramEqualize.self, [.init("bins", 64), .init("out_max", 1), .init("mask", "nonzero")])
        expectFault(HistogramEqualize.self, ["bins": 1], "bins is 1; expected at least 2")
        expectFault(HistogramEqualize.self, ["out_min": 300], "out_min 300.0 is above out_max 255.0")
    }
}
