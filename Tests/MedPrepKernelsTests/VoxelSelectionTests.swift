import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("VoxelSelection") struct VoxelSelectionTests {
    /// Zeros of both signs, subnormals, values that are not finite, and ordinary ones.
    static let awkward: [Float] = [
        0, -0.0, 1, -1, .nan, -.nan, .infinity, -.infinity, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
        .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 2.5, -2.5, 3,
    ]

    static func expect(
        _ selection: VoxelSelection, _ keep: (Float) -> Bool, on values: [Float],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let tensor = Tensor(Shape(d: 1, h: 1, w: values.count), values)
        let found = tensor.moments(where: selection, .one)[0][0]
        let kept = values.filter { keep($0) && $0.isFinite }
        MomentsTests.expectClose(found, MomentsTests.plain(kept), sourceLocation: sourceLocation)
        #expect(found.nonfinite == values.filter { !$0.isFinite }.count, sourceLocation: sourceLocation)
    }

    @Test("all, nonzero and positive keep what their formula keeps, finite values only")
    func predicates() {
        Self.expect(.all, { _ in true }, on: Self.awkward)
        Self.expect(.nonzero, { $0 != 0 }, on: Self.awkward)
        Self.expect(.positive, { $0 > 0 }, on: Self.awkward)
    }

    @Test("the same of runs of zeros, runs of values and mixtures, whatever the channels", arguments: 1...5)
    func runs(channels: Int) {
        var generator = SeededGenerator(seed: UInt64(channels))
        var values = [Float]()
        while values.count < 5_000 * channels {
            let kind = generator.index(below: 4)
            for _ in 0..<1 + generator.index(below: 60) {
                let value = Float(1 + generator.index(below: 50))
                values.append([0, value, -value, Self.awkward[generator.index(below: 15)]][kind])
            }
        }
        let shape = Shape(d: 1, h: 1, w: values.count / channels, c: channels)
        let tensor = Tensor(shape, Array(values[..<shape.count]))
        let choices: [(VoxelSelection, (Float) -> Bool)] = [
            (.all, { _ in true }), (.nonzero, { $0 != 0 }), (.positive, { $0 > 0 }),
        ]
        for (selection, keep) in choices {
            let found = tensor.moments(where: selection, .one)[0]
            for channel in 0..<channels {
                let all = tensor.channel(channel)
                let kept = all.filter { keep($0) && $0.isFinite }
                #expect(found[channel].count == kept.count)
                #expect(found[channel].nonfinite == all.filter { !$0.isFinite }.count)
                let ordinary = tensor.distributions([0, 50, 100], where: selection, .one)[channel]
                #expect(ordinary.count == kept.count)
                #expect(ordinary.percentiles == PercentilesTests.plain(kept, [0, 50, 100]))
            }
        }
    }

    @Test("a mask holds for every channel and every sample has its own", arguments: [1, 2, 3])
    func mask(channels: Int) {
        let shape = Shape(n: 2, d: 35, h: 33, w: 31, c: channels)
        let tensor = Tensor.random(shape, seed: 4, mean: 5)
        let mask = Tensor.random(Shape(n: 2, d: 35, h: 33, w: 31), seed: 8)
        let found = tensor.moments(where: .mask(mask), order: .fourth, Workers(2))
        for n in 0..<2 {
            let inside = mask.channel(0, sample: n)
            for c in 0..<channels {
                let kept = zip(tensor.channel(c, sample: n), inside).filter { $1 > 0 }.map { $0.0 }
                MomentsTests.expectClose(found[n][c], MomentsTests.plain(kept))
            }
        }
    }

    @Test("a mask counts values that are not finite only inside it")
    func maskNonfinite() {
        let tensor = Tensor(Shape(d: 1, h: 1, w: 4), [.nan, .infinity, 2, 4])
        let mask = Tensor(Shape(d: 1, h: 1, w: 4), [1, 0, 1, .nan])
        #expect(tensor.moments(where: .mask(mask), .one) == [[Moments(count: 1, nonfinite: 1, mean: 2)]])
    }

    @Test("an empty mask gives empty moments")
    func emptyMask() {
        let tensor = Tensor(Shape(d: 1, h: 1, w: 4, c: 2), repeating: 3)
        let mask = Tensor(Shape(d: 1, h: 1, w: 4))
        #expect(tensor.moments(where: .mask(mask), .one) == [[Moments(), Moments()]])
    }
}
