import MedPrepKernels
import Testing

@Suite("RunningMoments") struct RunningMomentsTests {
    @Test("agree with two passes over all, however the values are cut", arguments: [1, 3, 100, 5000])
    func pieces(size: Int) {
        let values: [Double] = (0..<5000).map { (i: Int) -> Double in
            if i % 97 == 3 { return .nan }
            return 30000 + Double(i * 7919 % 1009) * 0.001
        }
        var moments = RunningMoments()
        for start in stride(from: 0, to: values.count, by: size) {
            Array(values[start..<min(start + size, values.count)]).withUnsafeBufferPointer { moments.add($0) }
        }
        let finite = values.filter(\.isFinite)
        let mean = finite.reduce(0, +) / Double(finite.count)
        let squares = finite.map { (x: Double) -> Double in (x - mean) * (x - mean) }
        let variance = squares.reduce(0, +) / Double(finite.count)
        #expect(moments.count == finite.count && moments.nanCount == values.count - finite.count)
        #expect(abs(moments.mean - mean) < 1e-9)
        #expect(abs(moments.variance - variance) < 1e-9 * variance)
        #expect(moments.min == finite.min() && moments.max == finite.max())
    }

    @Test("are NaN without a finite value")
    func empty() {
        var moments = RunningMoments()
        [Double.infinity, .nan].withUnsafeBufferPointer { moments.add($0) }
        #expect(moments.count == 0 && moments.infiniteCount == 1 && moments.nanCount == 1)
        #expect(moments.mean.isNaN && moments.variance.isNaN && moments.min.isNaN)
    }
}
