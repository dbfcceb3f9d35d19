import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("LSQ") struct LSQTests {
    static let shape = Shape(d: 3, h: 31, w: 33, c: 2)
    static let first = syntheticHead(shape, seed: 1, gain: 2)
    static let second = syntheticHead(shape, seed: 2, gain: 5)

    @Test("brings every image to the standard of the first")
    func population() throws {
        var (step, context) = (LSQ(), Context())
        step.normValue = 10
        #expect(step.learning == .wholeDataset)
        let measures = try [Self.first, Self.second].map { try step.measure($0, in: &context) }
        let state = try step.learn(from: measures, after: nil)
        for list in state.means.written {
            let errors = zip(list, [10, 24, 36] as [Double]).map { abs($0 - $1) }
            #expect(errors[0] < 1e-9 && errors[1] < 1 && errors[2] < 2)
        }
        #expect(try StandardTissueMeans(json: state.json) == state)
        for (tensor, level) in [(Self.first, 100.0), (Self.second, 250)] {
            let found = try step.applied(to: tensor, state: state)
            let scales = try step.scalingFactors(of: tensor, state: state, in: &context)[0]
            #expect(scales.allSatisfy { abs($0 - level / 10) < level * 0.01 })
            for c in 0..<2 {
                expectClose(found.channel(c), tensor.channel(c).map { Double($0) / scales[c] })
            }
            #expect(distance(found, try step.applied(to: tensor, state: state, 3)) == 0)
        }
    }

    @Test("the scale is tᵀt/tᵀt₀ of given means")
    func given() throws {
        let step = try LSQ(parameters: [.init("standard_tissue_means", [1, 2, 3])])
        #expect(step.learning == .given)
        var context = Context()
        let means = try step.measure(Self.first, in: &context).samples[0]
        let scales = try step.scalingFactors(of: Self.first, state: nil, in: &context)[0]
        for (t, scale) in zip(means, scales) {
            let own = t[0] * t[0] + t[1] * t[1] + t[2] * t[2]
            let common = t[0] + 2 * t[1] + 3 * t[2]
            #expect(abs(scale - own / common) < 1e-12 * scale)
        }
    }

    @Test("measures and states survive JSON; a state of another form is refused")
    func json() throws {
        var context = Context()
        let measure = try LSQ().measure(Self.first, in: &context)
        #expect(try TissueMeans(json: measure.json) == measure)
        #expect(throws: OperatorError.self) { try TissueMeans(json: ["tissue_means": [1]]) }
        do throws(OperatorError) {
            _ = try StandardTissueMeans(json: ["means": 3])
            Issue.record("accepted")
        } catch {
            #expect(
                error.description
                    == "the state for lsq cannot be used: expected standard_tissue_means, a list of numbers")
        }
        try expectRoundTrip(
            LSQ.self,
            [
                .init("clusters", 2),
                .init("standard_tissue_means", .array([.numbers([1, 2]), .numbers([1, 3])])),
            ])
    }

    @Test("says what is missing")
    func faults() {
        expectFault(
            LSQ.self, ["standard_tissue_means": [1, 2]],
            "standard_tissue_means has 2 values for 3 clusters; give one for each")
        let message =
            "lsq has not learned from a data set yet; learn from its measures first, or give standard_tissue_means"
        do {
            _ = try LSQ().applied(to: Self.first)
            Issue.record("accepted")
        } catch {
            #expect("\(error)" == message)
        }
    }
}
