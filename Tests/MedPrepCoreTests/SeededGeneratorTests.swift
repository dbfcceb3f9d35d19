import MedPrepCore
import Testing

@Suite("Seeded generator") struct SeededGeneratorTests {
    @Test("gives the numbers of SplitMix64")
    func reference() {
        var generator = SeededGenerator(seed: 1_234_567)
        let found = (0..<3).map { _ in generator.next() }
        #expect(found == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
    }

    @Test("indices are below the count and about equally frequent")
    func indices() {
        var generator = SeededGenerator(seed: 1)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<7000 { counts[generator.index(below: 7)] += 1 }
        #expect(counts.allSatisfy { (850...1150).contains($0) })
        #expect(generator.index(below: 1) == 0)
    }
}
