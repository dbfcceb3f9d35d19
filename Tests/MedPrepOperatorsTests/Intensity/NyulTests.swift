import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("Nyul") struct NyulTests {
    static let shape = Shape(d: 3, h: 21, w: 23, c: 2)
    static let images = [
        Tensor.random(shape, seed: 1, mean: 40, spread: 30),
        Tensor.random(shape, seed: 2, mean: 80, spread: 60),
        Tensor.random(shape, seed: 3, mean: 120, spread: 90),
    ]

    static func learned(_ step: Nyul) throws -> StandardLandmarks {
        var context = Context()
        return try step.learn(from: images.map { try step.measure($0, in: &context) }, after: nil)
    }

    @Test("learns the mean of the mapped landmarks of each channel")
    func learns() throws {
        let step = Nyul()
        let state = try Self.learned(step)
        for c in 0..<2 {
            var expected = [Double](repeating: 0, count: 13)
            for image in Self.images {
                let own = step.percentiles.map { RescaleTests.percentile(image.channel(c), $0) }
                let slope: Double = 100 / (own[12] - own[0])
                for k in 0..<13 { expected[k] += (own[k] - own[0]) * slope / 3 }
            }
            for (a, b) in zip(state.scale.written[c], expected) { #expect(abs(a - b) < 1e-9) }
        }
        #expect(try StandardLandmarks(json: state.json) == state)
    }

    @Test(
        "maps each image's landmarks onto the scale, torchio without the quartiles", arguments: [true, false])
    func applies(torchio: Bool) throws {
        let step = try Nyul(parameters: [.init("convention", torchio ? "torchio" : "jcreinhold")])
        let state = try Self.learned(step)
        let image = Self.images[1]
        let found = try step.applied(to: image, state: state)
        #expect(distance(found, try step.applied(to: image, state: state, 3)) == 0)
        let kept = state.percentiles.indices.filter { !torchio || ($0 != 3 && $0 != 9) }
        for c in 0..<2 {
            let x = image.channel(c)
            let counted = torchio ? x : x.filter { $0 > 0 }
            let own = kept.map { RescaleTests.percentile(counted, state.percentiles[$0]) }
            let scale = kept.map { state.scale.written[c][$0] }
            let expected = x.map { value -> Double in
                let j = own.dropFirst().dropLast().filter { $0 <= Double(value) }.count
                let slope = (scale[j + 1] - scale[j]) / (own[j + 1] - own[j])
                return scale[j] + slope * (Double(value) - own[j])
            }
            expectClose(found.channel(c), expected, tolerance: 1e-6)
        }
    }

    @Test("presets choose what is not written, and torchio bounds the outer percentiles")
    func presets() throws {
        let own = try Nyul(parameters: [.init("convention", "jcreinhold")])
        #expect(own.percentiles.count == 11 && own.outMin == 1 && own.mask == .positive)
        #expect(own.learning == .wholeDataset && own.stateFile == nil)
        let file = try Nyul(parameters: [.init("landmarks", "marks.json")])
        #expect(
            file.learning == .given && file.stateFile == StateFile(parameter: "landmarks", path: "marks.json")
        )
        let wide = try Nyul(parameters: [.init("percentiles", [20, 50, 80])])
        #expect(try Self.learned(wide).percentiles == [9, 50, 91])
    }

    @Test("one flat list of a landmark file serves every channel")
    func file() throws {
        let json: JSONValue = [
            "percentiles": [1, 50, 99], "scale": [0, 30, 100], "convention": "jcreinhold",
        ]
        let state = try StandardLandmarks(json: json)
        #expect(state.json == json || state.scale == .all([0, 30, 100]))
        let step = try Nyul(parameters: [.init("convention", "jcreinhold"), .init("mask", "none")])
        let found = try step.applied(to: Self.images[0], state: state)
        for c in 0..<2 { #expect(abs(RescaleTests.percentile(found.channel(c), 50) - 30) < 1e-3) }
    }

    @Test("a constant cannot be learned from, and becomes a landmark when mapped")
    func constant() throws {
        let constant = Tensor(Self.shape, repeating: 5)
        var context = Context()
        do throws(OperatorError) {
            _ = try Nyul().measure(constant, in: &context)
            Issue.record("accepted")
        } catch {
            let message =
                "the distance of the outer landmarks of channel 0 is 0 (common on a zero background); "
                + "choose a mask such as \"nonzero\""
            #expect(error.description == message)
        }
        let found = try Nyul().applied(to: constant, state: try Self.learned(Nyul()), in: &context)
        #expect(found.values.allSatisfy { $0.isFinite })
        #expect(context.findings.map(\.code) == [.constantChannel, .constantChannel])
    }

    static let broken: [(JSONValue, String)] = [
        (["scale": [1, 2]], "expected percentiles and scale, lists of numbers"),
        (["percentiles": [1, 2], "scale": [1, 2], "convention": "x"], "convention is \"x\""),
        (
            ["percentiles": [2, 1], "scale": [1, 2]],
            "percentiles is [2, 1]; expected at least two between 0 and 100, ascending"
        ),
        (["percentiles": [1, 99], "scale": [1, 2, 3]], "scale has 3 values for 2 percentiles"),
    ]

    @Test("refuses a landmark file of another form", arguments: broken)
    func refusals(json: JSONValue, reason: String) {
        do throws(OperatorError) {
            _ = try StandardLandmarks(json: json)
            Issue.record("accepted")
        } catch {
            #expect(error.description == "the state for nyul cannot be used: " + reason)
        }
    }

    @Test("says what is missing or does not go together")
    func faults() throws {
        expectFault(
            Nyul.self, ["percentiles": [5, 5]], "percentiles is [5, 5]; expected at least two, ascending")
        expectFault(Nyul.self, ["out_max": 0], "out_min 0.0 is not below out_max 0.0")
        #expect(throws: OperatorError.notLearned(operator: "nyul", parameter: "landmarks")) {
            _ = try Nyul().applied(to: Self.images[0])
        }
        let other = StandardLandmarks(percentiles: [1, 99], scale: .all([0, 1]), convention: .jcreinhold)
        do {
            _ = try Nyul().applied(to: Self.images[0], state: other)
            Issue.record("accepted")
        } catch let error as OperatorError {
            let message =
                "the state for nyul cannot be used: it is of convention \"jcreinhold\", the step of \"torchio\"; "
                + "write the same convention in the step"
            #expect(error.description == message)
        }
    }
}
