import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("LayerNorm") struct LayerNormTests {
    static func layerNorm(_ change: (inout LayerNorm) -> Void = { _ in }) -> LayerNorm {
        var step = LayerNorm()
        change(&step)
        return step
    }

    @Test(
        "over DHWC each sample is the formula, with gamma and beta per channel",
        arguments: normalizationShapes)
    func scans(shape: Shape) throws {
        let tensor = Tensor.random(shape, seed: 1, mean: 50, spread: 8)
        let step = Self.layerNorm {
            $0.gamma = (0..<shape.c).map { 1 + Double($0) }
            $0.beta = (0..<shape.c).map { -Double($0) }
        }
        let found = try step.applied(to: tensor)
        for n in 0..<shape.n {
            let (mean, variance) = meanAndVariance((0..<shape.c).flatMap { tensor.channel($0, sample: n) })
            let root = (variance + 1e-5).squareRoot()
            for c in 0..<shape.c {
                let pairs = zip(tensor.channel(c, sample: n), found.channel(c, sample: n))
                let worst = pairs.reduce(0.0) { worst, pair in
                    let expected = (1 + Double(c)) * (Double(pair.0) - mean) / root - Double(c)
                    return max(worst, abs(Double(pair.1) - expected))
                }
                #expect(worst < 5e-5)
            }
        }
    }

    @Test("over DHWC gamma and beta may be given for every value", arguments: [1, 2, 3])
    func everyValue(workers: Int) throws {
        let shape = Shape(n: 2, d: 33, h: 33, w: 32, c: 2)
        let tensor = Tensor.random(shape, seed: 2, mean: 4, spread: 2)
        let gamma = (0..<shape.sampleCount).map { Double($0 % 7) - 3 }
        let plain = try LayerNorm().applied(to: tensor)
        let found = try Self.layerNorm {
            $0.gamma = gamma
            $0.beta = [5, 6]
        }.applied(to: tensor, workers)
        let expected = plain.values.enumerated().map { index, y in
            Float(Double(y) * gamma[index % shape.sampleCount] + (index % 2 == 0 ? 5 : 6))
        }
        #expect(distance(found, Tensor(shape, expected)) < 1e-5)
        let shifted = try Self.layerNorm { $0.beta = gamma }.applied(to: tensor, workers)
        let sums = plain.values.enumerated().map { $1 + Float(gamma[$0 % shape.sampleCount]) }
        #expect(distance(shifted, Tensor(shape, sums)) < 1e-5)
    }

    @Test("over C each voxel is the formula", arguments: [2, 3, 8])
    func voxels(channels: Int) throws {
        let tensor = Tensor.random(
            Shape(n: 2, d: 3, h: 3, w: 5, c: channels), seed: 3, mean: 1_000, spread: 3)
        let gamma = (0..<channels).map { 1 + Double($0) }
        let found = try Self.layerNorm {
            $0.axes = .c
            $0.gamma = gamma
            $0.beta = gamma
        }.applied(to: tensor)
        let (x, y) = (tensor.values, found.values)
        var worst = 0.0
        for first in stride(from: 0, to: x.count, by: channels) {
            let (mean, variance) = meanAndVariance(Array(x[first..<first + channels]))
            for c in 0..<channels {
                let standard = (Double(x[first + c]) - mean) / (variance + 1e-5).squareRoot()
                worst = max(worst, abs(Double(y[first + c]) - gamma[c] * standard - gamma[c]))
            }
        }
        #expect(worst < 2e-5)
    }

    @Test("over C of one channel everything is beta, with a warning")
    func degenerate() throws {
        let step = Self.layerNorm {
            $0.axes = .c
            $0.beta = [0.5]
        }
        let tensor = Tensor.random(Shape(d: 2, h: 3, w: 4), seed: 4)
        #expect(try step.applied(to: tensor).values.allSatisfy { $0 == 0.5 })
        let text =
            "layer_norm over C of one channel takes statistics from one value, so every value becomes beta; "
            + "axes \"DHWC\" would not"
        #expect(try step.findings(on: tensor) == [Finding(.degenerateReduction, text)])
        let one = try LayerNorm().findings(on: Tensor(Shape(d: 1, h: 1, w: 1), [4]))
        #expect(one.map(\.code) == [.degenerateReduction])
    }

    @Test("gives the same bits on 1, 2 and 3 workers", arguments: LayerNorm.Axes.allCases)
    func workers(axes: LayerNorm.Axes) throws {
        let step = Self.layerNorm { $0.axes = axes }
        let tensor = Tensor.random(Shape(n: 2, d: 33, h: 33, w: 34, c: 3), seed: 3, mean: 30_000, spread: 0.5)
        let one = try step.applied(to: tensor)
        #expect(try step.applied(to: tensor, 2).values == one.values)
        #expect(try step.applied(to: tensor, 3).values == one.values)
    }

    @Test("NaN stays NaN and disturbs nothing else")
    func nan() throws {
        let tensor = Tensor(Shape(d: 1, h: 1, w: 3), [1, .nan, 3])
        let found = try Self.layerNorm { $0.epsilon = 1e-12 }.applied(to: tensor)
        #expect(distance(found, Tensor(tensor.shape, [-1, .nan, 1])) < 1e-6)
    }

    @Test(
        "refuses lists of another length and scans without a finite voxel", arguments: LayerNorm.Axes.allCases
    )
    func errors(axes: LayerNorm.Axes) {
        let tensor = Tensor.random(Shape(d: 2, h: 2, w: 3, c: 2), seed: 3)
        BatchNormErrorTests.expect("gamma has 3 values for 2 channels; give one for each channel") {
            _ = try Self.layerNorm {
                $0.axes = axes
                $0.gamma = [1, 2, 3]
            }.applied(to: tensor)
        }
        if axes == .dhwc {
            BatchNormErrorTests.expect("gamma has 3 values for 2 channels; give one for each channel") {
                let beta = Array(repeating: 0.0, count: 24)
                _ = try Self.layerNorm {
                    $0.gamma = [1, 2, 3]
                    $0.beta = beta
                }.applied(to: tensor)
            }
            BatchNormErrorTests.expect("layer_norm found no finite voxel to take statistics from") {
                _ = try LayerNorm().applied(to: Tensor(tensor.shape, repeating: .nan))
            }
        }
    }
}
