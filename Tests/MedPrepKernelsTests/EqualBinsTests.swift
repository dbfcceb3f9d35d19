import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("Equal bins") struct EqualBinsTests {
    @Test("each value falls between the edges of its bin, the largest into the last", arguments: [1, 7, 50])
    func bins(count: Int) {
        let tensor = Tensor.random(Shape(d: 1, h: 190, w: 191), seed: 2, mean: 3, spread: 50)
        let (low, high) = (Double(tensor.values.min() ?? 0), Double(tensor.values.max() ?? 0))
        let edges = (0...count).map { low + Double($0) * ((high - low) / Double(count)) }
        var expected = [Int](repeating: 0, count: count)
        for x in tensor.values {
            let bin = edges.lastIndex { $0 <= Double(x) } ?? 0
            expected[min(bin, count - 1)] += 1
        }
        for workers in 1...3 {
            let found = ChannelValues(tensor, Workers(workers)).histogram(
                bins: count, lower: low, upper: high)
            #expect(found == expected)
        }
    }

    @Test("a value on an edge belongs to the bin above")
    func edges() {
        let tensor = Tensor(Shape(d: 1, h: 1, w: 6), [0, 1, 2, 3, 4, 4])
        #expect(ChannelValues(tensor, .one).histogram(bins: 4, lower: 0, upper: 4) == [1, 1, 1, 3])
    }
}
