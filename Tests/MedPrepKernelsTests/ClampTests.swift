import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite("Clamp") struct ClampTests {
    @Test("keeps what lies between, NaN too, and moves infinity to the bound")
    func edges() {
        var tensor = Tensor(Shape(d: 1, h: 1, w: 6), [-2, -0.0, 0.5, .nan, .infinity, -.infinity])
        tensor.forEachSlab(.one) { clamp($0, to: Bounds(-1, 1)) }
        let values = tensor.values
        #expect(values[0] == -1 && values[1].sign == .minus && values[2] == 0.5)
        #expect(values[3].isNaN && values[4] == 1 && values[5] == -1)
        var free = Tensor(Shape(d: 1, h: 1, w: 2), [.infinity, -.infinity])
        free.clamp(to: [[.none]], .one)
        #expect(free.values == [.infinity, -.infinity])
    }

    @Test("takes the bounds of each sample and channel")
    func channels() {
        let shape = Shape(n: 2, d: 21, h: 40, w: 41, c: 2)
        let bounds = [
            [Bounds(-1, 1), Bounds(0, .infinity)], [Bounds(-.infinity, -0.5), Bounds(0.25, 0.25)],
        ]
        let tensor = Tensor.random(shape, seed: 6, spread: 2)
        for workers in 1...3 {
            var clamped = tensor
            clamped.clamp(to: bounds, Workers(workers))
            for n in 0..<2 {
                for c in 0..<2 {
                    let (lower, upper) = (bounds[n][c].lower, bounds[n][c].upper)
                    let expected = tensor.channel(c, sample: n).map { Swift.min(Swift.max($0, lower), upper) }
                    #expect(clamped.channel(c, sample: n) == expected)
                }
            }
        }
    }

    @Test("with rounded corners equals its formula", arguments: [0.05, 1, 10, 1e6])
    func soft(sharpness: Double) {
        let tensor = Tensor.random(Shape(n: 2, d: 3, h: 20, w: 20, c: 2), seed: 9, spread: 200)
        let bounds = [[Bounds(-50, 60), Bounds(-.infinity, 10)], [Bounds(-10, .infinity), Bounds.none]]
        func softplus(_ z: Double) -> Double { Swift.max(z, 0) + log1p(exp(-abs(z))) }
        var found = tensor
        found.softClamp(to: bounds, sharpness: sharpness, Workers(2))
        for n in 0..<2 {
            for c in 0..<2 {
                let (lower, upper) = (bounds[n][c].lower, bounds[n][c].upper)
                let expected = tensor.channel(c, sample: n).map { x -> Float in
                    var y = Double(x)
                    if lower > -.infinity {
                        y += softplus(-sharpness * (Double(x) - Double(lower))) / sharpness
                    }
                    if upper < .infinity {
                        y -= softplus(sharpness * (Double(x) - Double(upper))) / sharpness
                    }
                    return Float(y)
                }
                #expect(found.channel(c, sample: n) == expected)
            }
        }
    }

    @Test("with rounded corners keeps NaN and moves infinity and huge values to the bound")
    func softEdges() {
        let huge = Float.greatestFiniteMagnitude
        var tensor = Tensor(Shape(d: 1, h: 1, w: 5), [.nan, .infinity, -.infinity, huge, -huge])
        tensor.softClamp(to: [[Bounds(-1, 1)]], sharpness: 2, .one)
        #expect(tensor.values[0].isNaN)
        #expect(tensor.values[1] == 1 && tensor.values[2] == -1)
        #expect(tensor.values[3].isFinite && tensor.values[4].isFinite)
    }

    @Test("leaves values equal to the one that is kept")
    func kept() {
        var tensor = Tensor(Shape(d: 1, h: 1, w: 5), [-9, 0, 5, 12, .nan])
        tensor.clamp(to: Bounds(1, 10), except: 0, .one)
        #expect(Array(tensor.values[..<4]) == [1, 0, 5, 10] && tensor.values[4].isNaN)
    }
}
