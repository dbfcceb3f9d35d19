import Glibc
import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("Density") struct DensityTests {
    static func plain(_ x: [Float], at points: [Double], _ h: Double) -> [Double] {
        points.map { g in
            x.reduce(0) { sum, x in
                let t = (g - Double(x)) / h
                return sum + exp(-0.5 * t * t)
            }
        }
    }

    @Test("few distinct values are summed exactly, on points from min to max")
    func exact() {
        let tensor = Tensor.random(Shape(d: 3, h: 12, w: 13), seed: 1, mean: 50, spread: 30)
        let density = ChannelValues(tensor, .one).density(pointCount: 80, bandwidth: 2.5)
        #expect(density.points.count == 80)
        #expect(density.points.first == tensor.values.min().map { Double($0) })
        #expect(density.points.last == tensor.values.max().map { Double($0) })
        let expected = Self.plain(tensor.values, at: density.points, 2.5)
        for (a, b) in zip(density.values, expected) { #expect(abs(a - b) <= 1e-12 * b + 1e-300) }
    }

    @Test("many are binned, wrong by less than 2·10⁻⁶ of the count", arguments: [0.05, 3, 200])
    func binned(bandwidth: Double) {
        let shape = Shape(d: 3, h: 160, w: 161)
        let tensor = Tensor.random(shape, seed: 6, mean: 60, spread: 55)
        #expect(ChannelValues(tensor, .one).distinct() == nil)
        let found = (1...3).map {
            ChannelValues(tensor, Workers($0)).density(pointCount: 9, bandwidth: bandwidth)
        }
        #expect(found[0] == found[1] && found[0] == found[2])
        let expected = Self.plain(tensor.values, at: found[0].points, bandwidth)
        let worst = zip(found[0].values, expected).map { abs($0 - $1) }.max() ?? .infinity
        #expect(worst < 2e-6 * Double(shape.count))
    }

    @Test("the mode is a strict local maximum, or the highest point")
    func mode() {
        let density = Density(points: [0, 1, 2, 3, 4, 5, 6], values: [9, 1, 3, 2, 2, 4, 1])
        #expect(density.mode(.firstMaximum) == 2 && density.mode(.lastMaximum) == 5)
        #expect(density.mode(.highest) == 0)
        let flat = Density(points: [0, 1, 2, 3], values: [1, 5, 5, 1])
        #expect(flat.mode(.firstMaximum) == 1 && flat.mode(.lastMaximum) == 1)
    }

    @Test("the bandwidths are max/80, that times the deviation, and Scott's")
    func bandwidths() {
        let tensor = Tensor.random(Shape(d: 3, h: 12, w: 13), seed: 8, mean: 50, spread: 30)
        let values = ChannelValues(tensor, .one)
        let (moments, top) = (values.moments(), Double(values.extremes().max))
        let deviation = moments.unbiasedVariance.squareRoot()
        let widths: [(Bandwidth, Double)] = [
            (.eightiethOfMaximum, top / 80), (.scaledEightieth, top / 80 * deviation),
            (.scott, pow(Double(moments.count), -0.2) * deviation),
        ]
        for (bandwidth, width) in widths {
            let expected = values.density(pointCount: 80, bandwidth: width).mode(.lastMaximum)
            #expect(values.mode(.lastMaximum, pointCount: 80, bandwidth: bandwidth) == expected)
        }
        let constant = ChannelValues(Tensor(Shape(d: 1, h: 1, w: 3), repeating: 4), .one)
        #expect(constant.mode(.highest, pointCount: 80, bandwidth: .scott) == 4)
    }
}
