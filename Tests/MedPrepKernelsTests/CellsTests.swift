import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("Cells") struct CellsTests {
    static let shape = Shape(n: 2, d: 3, h: 5, w: 7, c: 2)
    static let tensor = Tensor.random(shape, seed: 1, mean: 10, spread: 4)

    @Test("standardizeCells over N and D is the formula at each place", arguments: 1...3)
    func standardize(workers: Int) {
        var found = Self.tensor
        found.standardizeCells(over: [.n, .d], epsilon: 0.5, Workers(workers))
        for (h, w, c) in [(0, 0, 0), (4, 6, 1), (2, 3, 0)] {
            let places = (0..<2).flatMap { n in
                (0..<3).map { d in Self.shape.offset(n: n, d: d, h: h, w: w, c: c) }
            }
            let x = places.map { Double(Self.tensor.values[$0]) }
            let mean = x.reduce(0, +) / 6
            let root = (x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 6 + 0.5).squareRoot()
            let expected = x.map { Float(($0 - mean) / root) }
            let worst = zip(places, expected).map { abs(found.values[$0] - $1) }.max() ?? 1
            #expect(worst < 1e-6)
        }
    }

    @Test(
        "cells larger and smaller than a run, and cells of one value or of all",
        arguments: [1, 2, 16, 31, 24])
    func sizes(bits: Int) {
        let tensor = Tensor.random(Shape(n: 2, d: 3, h: 90, w: 95, c: 2), seed: 2)
        var (one, three) = (tensor, tensor)
        one.standardizeCells(over: TensorAxes(rawValue: bits), epsilon: 1, .one)
        three.standardizeCells(over: TensorAxes(rawValue: bits), epsilon: 1, Workers(3))
        #expect(one.values == three.values)
        #expect(abs(one.moments(.one).joined().reduce(0) { $0 + $1.mean }) < 1e-4)
    }

    @Test("a cell without a finite value stays as it is")
    func nonfinite() {
        var tensor = Tensor(Shape(d: 1, h: 2, w: 2), [.infinity, .nan, 1, 3])
        tensor.standardizeCells(over: .w, epsilon: 1e-12, .one)
        #expect(tensor.values[0] == .infinity && tensor.values[1].isNaN)
        #expect(abs(tensor.values[2] + 1) < 1e-6 && abs(tensor.values[3] - 1) < 1e-6)
    }

    @Test("scaledCells tells the first cell that is refused, by place", arguments: 1...3)
    func refused(workers: Int) {
        var values = [Float](repeating: 0, count: 80_000)
        for i in values.indices { values[i] = Float(i % 7) }
        (values[60_001], values[60_000]) = (1, 1)
        (values[2_001], values[2_000]) = (4, 4)
        let tensor = Tensor(Shape(d: 200, h: 200, w: 2), values)
        let result = tensor.scaledCells(over: .w, .median, .meanDeviation, selected: tensor, Workers(workers))
        {
            $0.spread > 0 ? Scaling(center: $0.center, factor: 1 / $0.spread) : nil
        }
        guard case .refused(let offset, let found) = result else {
            Issue.record("accepted")
            return
        }
        #expect(offset == 2_000 && found.count == 2 && found.center == 4 && found.spread == 0)
    }

    @Test("scaledCells scales every value by the statistics of the selected ones")
    func scaled() {
        let tensor = Tensor(Shape(d: 1, h: 2, w: 3), [1, 3, 90, 5, 9, 90])
        let selected = tensor.keepingOnly(.mask(Tensor(tensor.shape, [1, 1, 0, 1, 1, 0])), .one)
        let result = tensor.scaledCells(over: .w, .mean, .medianDeviation, selected: selected, .one) {
            Scaling(center: $0.center, factor: 1 / $0.spread)
        }
        guard case .scaled(let found) = result else {
            Issue.record("refused")
            return
        }
        #expect(found.values == [-1, 1, 88, -1, 1, 41.5])
    }

    @Test("divideByRootMeanSquare is the formula for each voxel", arguments: [1, 3, 8])
    func rootMeanSquare(channels: Int) {
        let tensor = Tensor.random(Shape(n: 2, d: 2, h: 3, w: 5, c: channels), seed: 3, mean: 2)
        let factors = (0..<channels).map { Double($0) - 1 }
        var found = tensor
        found.divideByRootMeanSquare(epsilon: 0.25, factors: factors, Workers(2))
        let x = tensor.values.map(Double.init)
        for first in stride(from: 0, to: x.count, by: channels) {
            let square = x[first..<first + channels].reduce(0) { $0 + $1 * $1 } / Double(channels)
            for c in 0..<channels {
                let expected = Float(x[first + c] / (square + 0.25).squareRoot() * factors[c])
                #expect(abs(found.values[first + c] - expected) < 1e-6)
            }
        }
    }
}
