import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("Extremes") struct ExtremesTests {
    @Test(
        "are those of the finite values of each channel",
        arguments: [
            Shape(d: 1, h: 1, w: 1), Shape(d: 1, h: 3, w: 5), Shape(n: 2, d: 3, h: 5, w: 7, c: 3),
            Shape(n: 2, d: 33, h: 33, w: 37),
        ])
    func reference(shape: Shape) {
        let values = Tensor.random(shape, seed: 4, mean: 0, spread: 50).values.enumerated().map {
            $0 % 5 == 4 ? [Float.nan, .infinity, -.infinity][$0 % 3] : $1
        }
        let tensor = Tensor(shape, values)
        let found = tensor.extremes(.one)
        for n in 0..<shape.n {
            for c in 0..<shape.c {
                let finite = tensor.channel(c, sample: n).filter(\.isFinite)
                let expected = Extremes(min: finite.min() ?? .infinity, max: finite.max() ?? -.infinity)
                #expect(found[n][c] == expected)
            }
        }
        #expect(tensor.extremes(Workers(2)) == found && tensor.extremes(Workers(3)) == found)
    }

    @Test("of no finite value are empty")
    func empty() {
        for count in [1, 9] {
            #expect(Tensor(Shape(d: 1, h: 1, w: count), repeating: .nan).extremes(.one)[0][0].isEmpty)
        }
        let single = Extremes(min: 2, max: 2)
        #expect(!single.isEmpty)
    }

    @Test("of several sets are those of all together")
    func merged() {
        let parts = [Extremes(), Extremes(min: 1, max: 4), Extremes(min: -2, max: 0)]
        #expect(Extremes(merging: parts) == Extremes(min: -2, max: 4))
        #expect(Extremes(merging: [Extremes]()).isEmpty)
    }
}
