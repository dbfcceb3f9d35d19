import Glibc
import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("FuzzyMeans") struct FuzzyMeansTests {
    /// Three tissues with a spread.
    static func tissues(_ shape: Shape, seed: UInt64) -> Tensor {
        let noise = Tensor.random(shape, seed: seed, spread: 8).values
        let levels: [Float] = [50, 120, 180]
        return Tensor(shape, noise.indices.map { levels[$0 * 5 / 3 % 3] + noise[$0] })
    }

    /// As scikit-fuzzy iterates, with all memberships in memory.
    static func plain(_ x: [Double], _ fuzzy: FuzzyMeans, from start: [Double]) -> (
        centers: [Double], means: [Double]
    ) {
        func memberships(_ centers: [Double]) -> [[Double]] {
            let powers = centers.map { v in
                x.map { pow(max(abs($0 - v), Double.ulpOfOne), -2 / (fuzzy.fuzziness - 1)) }
            }
            let totals = x.indices.map { j in powers.reduce(0) { $0 + $1[j] } }
            return powers.map { row in row.indices.map { row[$0] / totals[$0] } }
        }
        var (centers, u) = (start, memberships(start))
        for _ in 0..<fuzzy.iterations {
            let old = u
            centers = u.map { row in
                let strengths = row.map { pow($0, fuzzy.fuzziness) }
                return zip(strengths, x).reduce(0) { $0 + $1.0 * $1.1 } / strengths.reduce(0, +)
            }
            u = memberships(centers)
            let change = zip(u.joined(), old.joined()).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            if change.squareRoot() < fuzzy.error { break }
        }
        let means = u.map { row in zip(row, x).reduce(0) { $0 + $1.0 * $1.1 } / row.reduce(0, +) }
        return (centers, means)
    }

    @Test("finds the clusters that the plain iteration finds", arguments: [(3, 2.0), (2, 1.7), (4, 2.5)])
    func formula(clusters: Int, fuzziness: Double) {
        let tensor = Self.tissues(Shape(d: 3, h: 20, w: 21), seed: 1)
        let fuzzy = FuzzyMeans(clusters: clusters, fuzziness: fuzziness)
        let start = (0..<clusters).map { 45 + 140 * Double($0) / Double(clusters - 1) }
        let expected = Self.plain(tensor.values.map { Double($0) }, fuzzy, from: start)
        let found = fuzzy.clusters(of: ChannelValues(tensor, .one), from: start)
        for (a, b) in zip(found.centers + found.means, expected.centers + expected.means) {
            #expect(abs(a - b) < 1e-9 * b)
        }
        #expect(found.passes <= 51)
    }

    @Test("counting distinct values changes nothing but the last digits")
    func histogram() {
        // More than 65,536 distinct values, and the same rounded to few; the plain loop sees either alike.
        let shape = Shape(d: 3, h: 160, w: 161)
        let many = Self.tissues(shape, seed: 4)
        #expect(ChannelValues(many, .one).distinct() == nil)
        let few = Tensor(shape, many.values.map { $0.rounded() })
        let fuzzy = FuzzyMeans(iterations: 2)
        for tensor in [many, few] {
            let expected = Self.plain(tensor.values.map { Double($0) }, fuzzy, from: [60, 110, 170])
            for workers in 1...3 {
                let found = fuzzy.clusters(of: ChannelValues(tensor, Workers(workers)), from: [60, 110, 170])
                for (a, b) in zip(found.means, expected.means) { #expect(abs(a - b) < 1e-9 * b) }
            }
        }
        let results = (1...3).map {
            fuzzy.clusters(of: ChannelValues(many, Workers($0)), from: [60, 110, 170])
        }
        #expect(results[0] == results[1] && results[0] == results[2])
    }

    @Test("stays finite: values on a centre, one value, an exponent near 1")
    func edges() {
        let tensor = Tensor(Shape(d: 1, h: 1, w: 3), [1, 2, 3])
        let on = FuzzyMeans().clusters(of: ChannelValues(tensor, .one), from: [1, 2, 3])
        #expect(zip(on.means, [1, 2, 3]).allSatisfy { abs($0 - $1) < 1e-6 })
        let constant = Tensor(Shape(d: 1, h: 1, w: 3), repeating: 7)
        #expect(
            FuzzyMeans().clusters(of: ChannelValues(constant, .one), from: [7, 7, 7]).means == [7, 7, 7])
        let hard = FuzzyMeans(fuzziness: 1.001).clusters(of: ChannelValues(tensor, .one), from: [0, 10, 90])
        #expect(hard.means.allSatisfy { $0.isFinite })
    }
}
