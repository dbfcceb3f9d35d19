import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("RMSNorm") struct RMSNormTests {
    static func rmsNorm(_ change: (inout RMSNorm) -> Void) -> RMSNorm {
        var step = RMSNorm()
        change(&step)
        return step
    }

    @Test("is the formula over scans and voxels, with gamma per channel", arguments: normalizationShapes)
    func formula(shape: Shape) throws {
        let tensor = Tensor.random(shape, seed: 1, mean: 5, spread: 8)
        let gamma = (0..<shape.c).map { 2 - Double($0) }
        for axes in LayerNorm.Axes.allCases {
            let step = Self.rmsNorm {
                $0.axes = axes
                $0.gamma = gamma
            }
            let plain = changed(tensor, over: axes.rawValue) { x in
                let square = x.reduce(0) { $0 + $1 * $1 } / Double(x.count)
                return x.map { $0 / (square + 1e-6).squareRoot() }
            }
            let expected = plain.enumerated().map { $1 * gamma[$0 % shape.c] }
            let found = try MedPrepOperatorsTests.applied(step, to: tensor)
            expectClose(found.values.values, expected)
        }
    }

    @Test("gamma may be given for every value of a scan")
    func everyValue() throws {
        let shape = Shape(n: 2, d: 2, h: 2, w: 3, c: 2)
        let tensor = Tensor.random(shape, seed: 2)
        let gamma = (0..<shape.sampleCount).map { Double($0) - 7 }
        let plain = try RMSNorm().applied(to: tensor)
        let found = try Self.rmsNorm { $0.gamma = gamma }.applied(to: tensor)
        let expected = plain.values.enumerated().map { Double($1) * gamma[$0 % shape.sampleCount] }
        expectClose(found.values, expected, tolerance: 1e-6)
    }

    @Test("zeros stay zeros; NaN stays NaN and disturbs nothing else", arguments: LayerNorm.Axes.allCases)
    func zeros(axes: LayerNorm.Axes) throws {
        let step = Self.rmsNorm { $0.axes = axes }
        let zeros = Tensor(Shape(n: 2, d: 1, h: 2, w: 2, c: 3))
        #expect(try step.applied(to: zeros).values == zeros.values)
        let tensor = Tensor(Shape(d: 1, h: 1, w: 1, c: 3), [3, .nan, -3])
        #expect(try distance(step.applied(to: tensor), Tensor(tensor.shape, [1, .nan, -1])) < 1e-6)
    }

    @Test("one value keeps its sign only, with a finding")
    func degenerate() throws {
        let text = "rms_norm over C takes its mean from one value, so only signs remain"
        let step = Self.rmsNorm { $0.axes = .c }
        let tensor = Tensor(Shape(d: 1, h: 1, w: 2), [4, -9])
        #expect(try step.findings(on: tensor) == [Finding(.degenerateReduction, text)])
        #expect(try distance(step.applied(to: tensor), Tensor(tensor.shape, [1, -1])) < 1e-6)
        let one = try RMSNorm().findings(on: Tensor(Shape(d: 1, h: 1, w: 1), [4]))
        #expect(one.map(\.code) == [.degenerateReduction])
    }

    @Test("refuses gamma of another length and scans without a finite voxel")
    func errors() {
        let tensor = Tensor.random(Shape(d: 2, h: 2, w: 3, c: 2), seed: 3)
        for axes in LayerNorm.Axes.allCases {
            let step = Self.rmsNorm {
                $0.axes = axes
                $0.gamma = [1, 2, 3]
            }
            expectRefusal(step, of: tensor, "gamma has 3 values for 2 channels; give one for each channel")
        }
        expectRefusal(
            RMSNorm(), of: Tensor(tensor.shape, repeating: .nan),
            "rms_norm found no finite voxel to take statistics from")
        expectFault(RMSNorm.self, ["axes": "N"], "axes is \"N\"; expected \"DHWC\", \"C\"")
    }
}
