import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("GroupNorm") struct GroupNormTests {
    static func groupNorm(_ groups: Int?, _ change: (inout GroupNorm) -> Void = { _ in }) -> GroupNorm {
        var step = GroupNorm()
        step.groups = groups
        change(&step)
        return step
    }

    @Test("is the formula over D, H, W and the channels of a group", arguments: [1, 2, 3, 6])
    func formula(groups: Int) throws {
        let shape = Shape(n: 2, d: 3, h: 4, w: 5, c: 6)
        let tensor = Tensor.random(shape, seed: 1, mean: 50, spread: 8)
        let step = Self.groupNorm(groups) {
            $0.gamma = [1, 2, 3, 4, 5, 6]
            $0.beta = [6, 5, 4, 3, 2, 1]
        }
        let (found, size) = (try step.applied(to: tensor), 6 / groups)
        for n in 0..<2 {
            for c in 0..<6 {
                let group = c / size * size..<(c / size + 1) * size
                let (mean, variance) = meanAndVariance(group.flatMap { tensor.channel($0, sample: n) })
                let root = (variance + 1e-5).squareRoot()
                let pairs = zip(tensor.channel(c, sample: n), found.channel(c, sample: n))
                let worst = pairs.reduce(0.0) { worst, pair in
                    let expected = Double(c + 1) * (Double(pair.0) - mean) / root + Double(6 - c)
                    return max(worst, abs(Double(pair.1) - expected))
                }
                #expect(worst < 2e-5)
            }
        }
    }

    @Test(
        "a group for each channel is instance norm, one group is layer norm over DHWC",
        arguments: normalizationShapes)
    func relatives(shape: Shape) throws {
        let tensor = Tensor.random(shape, seed: 2, mean: 9, spread: 3)
        let (single, all) = (Self.groupNorm(shape.c), Self.groupNorm(1))
        #expect(try distance(single.applied(to: tensor), InstanceNorm().applied(to: tensor)) < 1e-6)
        #expect(try distance(all.applied(to: tensor), LayerNorm().applied(to: tensor)) < 1e-6)
    }

    @Test(
        "the default is the largest divisor not above 8",
        arguments: [(1, 1), (6, 6), (7, 7), (12, 6), (11, 1), (16, 8)])
    func defaultGroups(channels: Int, groups: Int) throws {
        let tensor = Tensor.random(Shape(d: 2, h: 2, w: 3, c: channels), seed: 3)
        let expected = try Self.groupNorm(groups).applied(to: tensor)
        #expect(try GroupNorm().applied(to: tensor).values == expected.values)
    }

    @Test("gives the same bits on 1, 2 and 3 workers")
    func workers() throws {
        let tensor = Tensor.random(Shape(n: 2, d: 33, h: 33, w: 34, c: 2), seed: 3, mean: 30_000, spread: 0.5)
        let one = try GroupNorm().applied(to: tensor)
        #expect(try GroupNorm().applied(to: tensor, 2).values == one.values)
        #expect(try GroupNorm().applied(to: tensor, 3).values == one.values)
    }

    @Test("constants become exactly beta, with findings that name the channels")
    func findings() throws {
        let step = Self.groupNorm(2) { $0.beta = [1, 2, 3, 4] }
        let tensor = Tensor(Shape(d: 1, h: 1, w: 2, c: 4), [7, 7, 0, 1, 7, 7, 2, 3])
        let found = try step.applied(to: tensor)
        #expect(found.channel(0) == [1, 1] && found.channel(1) == [2, 2])
        let findings = try step.findings(on: tensor)
        #expect(
            findings == [Finding(.constantChannel, "channels 0 to 1 are constant at 7; beta is what remains")]
        )
        let one = try GroupNorm().findings(on: Tensor(Shape(d: 1, h: 1, w: 1), [4]))
        let text = "group_norm takes statistics from one value, so every value becomes beta"
        #expect(one == [Finding(.degenerateReduction, text)])
    }

    @Test("refuses groups that do not divide, and lists of another length")
    func errors() {
        let tensor = Tensor.random(Shape(d: 2, h: 2, w: 3, c: 6), seed: 3)
        BatchNormErrorTests.expect("4 groups do not divide 6 channels; choose a divisor") {
            _ = try Self.groupNorm(4).applied(to: tensor)
        }
        BatchNormErrorTests.expect("beta has 3 values for 6 channels; give one for each channel") {
            _ = try Self.groupNorm(3) { $0.beta = [1, 2, 3] }.applied(to: tensor)
        }
        BatchNormErrorTests.expect("group_norm found no finite voxel to take statistics from") {
            _ = try Self.groupNorm(3).applied(to: Tensor(tensor.shape, repeating: .infinity))
        }
        let error = #expect(throws: ParameterErrors.self) { try GroupNorm(parameters: [.init("groups", 0)]) }
        #expect(error?.description == "groups is 0; expected at least 1")
    }
}
