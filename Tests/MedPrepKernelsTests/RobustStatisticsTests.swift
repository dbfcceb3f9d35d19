import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("RobustStatistics") struct RobustStatisticsTests {
    /// Two samples, two channels.
    static let tensor = Tensor(
        Shape(n: 2, d: 1, h: 1, w: 3, c: 2), [1, 10, 2, 20, 6, 60, 3, 30, 3, 40, 9, .nan])

    @Test(
        "groups over depth, height and width are those of the axes",
        arguments: [
            ([.d, .h, .w], [[2, 20], [3, 35]], [[3, 3], [3, 2]]),
            ([.n, .d, .h, .w], [[3, 30], [3, 30]], [[6, 5], [6, 5]]),
            ([.d, .h, .w, .c], [[8, 8], [9, 9]], [[6, 6], [5, 5]]),
            ([.n, .d, .h, .w, .c], [[9, 9], [9, 9]], [[11, 11], [11, 11]]),
        ] as [(TensorAxes, [[Double]], [[Int]])])
    func groups(axes: TensorAxes, medians: [[Double]], counts: [[Int]]) {
        let found = Self.tensor.robustStatistics(over: axes, .median, .quartileRange, .one)
        #expect(found.map { $0.map(\.center) } == medians)
        #expect(found.map { $0.map(\.count) } == counts)
    }

    @Test("each centre and spread is its definition")
    func definitions() {
        // Median 3, quartiles 1.75 and 5.5, mean 5.
        let tensor = Tensor(Shape(d: 1, h: 1, w: 4), [1, 2, 4, 13])
        func found(_ center: RobustStatistics.Center, _ spread: RobustStatistics.Spread) -> [Double] {
            let found = tensor.robustStatistics(over: [.d, .h, .w], center, spread, .one)[0][0]
            return [found.center, found.spread]
        }
        #expect(found(.median, .quartileRange) == [3, 6.25 - 1.75])
        #expect(found(.median, .medianDeviation) == [3, 1.5])
        #expect(found(.median, .meanDeviation) == [3, 4])
        #expect(found(.mean, .medianDeviation) == [5, 1.5])
        #expect(found(.mean, .meanDeviation) == [5, 4])
    }

    @Test("keepingOnly leaves NaN at what is not selected")
    func selections() {
        let tensor = Tensor(Shape(d: 1, h: 1, w: 2, c: 2), [0, -1, 2, .nan])
        func found(_ selection: VoxelSelection) -> [Float?] {
            tensor.keepingOnly(selection, Workers(2)).values.map { $0.isNaN ? nil : $0 }
        }
        #expect(found(.all) == [0, -1, 2, nil])
        #expect(found(.nonzero) == [nil, -1, 2, nil])
        #expect(found(.positive) == [nil, nil, 2, nil])
        #expect(found(.above([[1, -2]])) == [nil, -1, 2, nil])
        #expect(found(.mask(Tensor(Shape(d: 1, h: 1, w: 2), [1, 0]))) == [0, -1, nil, nil])
    }

    @Test("moments merge over samples and neighbouring channels, place by place")
    func merged() {
        func one(_ mean: Double) -> Moments { Moments(count: 1, mean: mean) }
        let samples = [[one(1), one(3), one(5), one(7)], [one(9), one(11), one(13), one(15)]]
        func means(_ axes: TensorAxes) -> [[Double]] {
            samples.merged(over: axes, channels: 2).map { $0.map(\.mean) }
        }
        #expect(means([.d]) == [[1, 3, 5, 7], [9, 11, 13, 15]])
        #expect(means([.c]) == [[2, 2, 6, 6], [10, 10, 14, 14]])
        #expect(means([.n]) == [[5, 7, 9, 11], [5, 7, 9, 11]])
        #expect(means([.n, .c]) == [[6, 6, 10, 10], [6, 6, 10, 10]])
    }
}
