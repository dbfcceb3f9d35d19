import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("Channels") struct ChannelsTests {
    static let parts = [(1, 1), (2, 3), (3, 1)].map { c, seed in
        Tensor.random(Shape(n: 2, d: 2, h: 3, w: 5, c: c), seed: UInt64(seed))
    }

    @Test("side by side are those of each tensor, in order, for every voxel and sample")
    func interleaved() {
        let all = Tensor(interleaving: Self.parts)
        #expect(all.shape == Shape(n: 2, d: 2, h: 3, w: 5, c: 6))
        var first = 0
        for part in Self.parts {
            for n in 0..<2 {
                for c in 0..<part.shape.c {
                    #expect(all.channel(first + c, sample: n) == part.channel(c, sample: n))
                }
            }
            first += part.shape.c
        }
    }

    @Test("taken apart again are the tensors they came from")
    func apart() {
        let all = Tensor(interleaving: Self.parts)
        var first = 0
        for part in Self.parts {
            let back = all.channels(first..<first + part.shape.c)
            #expect(back.shape == part.shape && back.values == part.values)
            first += part.shape.c
        }
        #expect(all.channels(0..<6).values == all.values)
    }

    @Test("of one tensor alone are its own")
    func alone() {
        #expect(Tensor(interleaving: [Self.parts[1]]).values == Self.parts[1].values)
    }
}
