import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("Standardizing voxels") struct PointwiseStandardizeTests {
    @Test("each voxel has mean and variance of its own channels removed", arguments: [1, 2, 3, 4, 6, 9])
    func reference(channels: Int) {
        let tensor = Tensor.random(
            Shape(n: 2, d: 35, h: 11, w: 13, c: channels), seed: 6, mean: 3_000, spread: 5)
        let scalings = (0..<channels).map { Scaling(factor: 1 + Double($0), offset: -Double($0)) }
        var found = [[Float]]()
        for workers in [1, 2, 3] {
            var result = tensor
            result.standardizeVoxels(epsilon: 1e-3, scalings: scalings, Workers(workers))
            found.append(result.values)
        }
        #expect(found[0] == found[1] && found[0] == found[2])
        let x = tensor.values
        var worst = 0.0
        for first in stride(from: 0, to: x.count, by: channels) {
            let voxel = x[first..<first + channels].map(Double.init)
            let mean = voxel.reduce(0, +) / Double(channels)
            let variance = voxel.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(channels)
            for c in 0..<channels {
                let standard = (voxel[c] - mean) / (variance + 1e-3).squareRoot()
                let expected = standard * (1 + Double(c)) - Double(c)
                worst = max(worst, abs(Double(found[0][first + c]) - expected))
            }
        }
        #expect(worst < 1e-5)
    }

    @Test("values that are not finite stay out of the statistics and stay what they are")
    func nonfinite() {
        var tensor = Tensor(Shape(d: 1, h: 1, w: 2, c: 3), [1, .nan, 3, .nan, .nan, .nan])
        tensor.standardizeVoxels(epsilon: 1e-9, scalings: Array(repeating: Scaling(), count: 3), .one)
        let values = tensor.values
        #expect(abs(values[0] + 1) < 1e-6 && abs(values[2] - 1) < 1e-6)
        #expect([1, 3, 4, 5].allSatisfy { values[$0].isNaN })
    }
}
