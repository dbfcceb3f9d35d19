import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("MaskChoice") struct MaskChoiceTests {
    static let shape = Shape(d: 1, h: 1, w: 6)
    static let tensor = Tensor(shape, [-1, 0, 2, 4, 6, 100])

    /// The count and mean that stats reports over the choice.
    static func look(_ choice: MaskChoice, _ context: Context = Context(), _ x: Tensor = tensor) throws
        -> [Double?]
    {
        var (stats, context) = (Stats(), context)
        stats.mask = choice
        let channel = try stats.look(at: x, in: &context)["channels"]?.array?.first
        return [channel?["count"]?.double, channel?["mean"]?.double]
    }

    static func context(_ masks: [(String, Volume.Role, [Float])]) -> Context {
        var context = Context()
        context.masks = masks.map {
            (name: $0.0, tensor: Tensor(Shape(d: 1, h: 1, w: $0.2.count), $0.2), role: $0.1)
        }
        return context
    }

    static func expectRefusal(
        _ choice: MaskChoice, _ context: Context, _ message: String, code: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        do {
            _ = try look(choice, context)
            Issue.record("accepted", sourceLocation: sourceLocation)
        } catch let error as OperatorError {
            #expect(error.description == message, sourceLocation: sourceLocation)
            #expect(error.code == code, sourceLocation: sourceLocation)
        } catch {
            Issue.record(error, sourceLocation: sourceLocation)
        }
    }

    @Test("none, nonzero, positive and mean choose by the value")
    func values() throws {
        #expect(try Self.look(.none) == [6, 18.5])
        #expect(try Self.look(.nonzero) == [5, 22.2])
        #expect(try Self.look(.positive) == [4, 28])
        #expect(try Self.look(.mean) == [1, 100])
    }

    @Test("nonzero_region takes holes in")
    func region() throws {
        var shell = Tensor(Shape(d: 5, h: 5, w: 5))
        for d in 1..<4 { for h in 1..<4 { for w in 1..<4 { shell[d: d, h: h, w: w] = 2 } } }
        shell[d: 2, h: 2, w: 2] = 0
        #expect(try Self.look(.nonzeroRegion, Context(), shell) == [27, 52.0 / 27])
    }

    @Test("file is the only mask, a name may be a label map's")
    func files() throws {
        let brain: (String, Volume.Role, [Float]) = ("brain", .mask, [0, 1, 1, 0, 0, 0])
        let seg: (String, Volume.Role, [Float]) = ("seg", .label, [0, 0, 0, 3, 2, 0])
        let both = Self.context([brain, seg])
        #expect(try Self.look(.file(named: nil), both) == [2, 1])
        #expect(try Self.look(.file(named: "brain"), both) == [2, 1])
        #expect(try Self.look(.file(named: "seg"), both) == [2, 5])
    }

    @Test("one mask serves every sample")
    func samples() throws {
        let x = Tensor(Shape(n: 2, d: 1, h: 1, w: 2), [1, 2, 3, 4])
        #expect(try Self.look(.file(named: nil), Self.context([("m", .mask, [0, 1])]), x) == [2, 3])
    }

    @Test("says which mask is missing, unclear, empty or of another shape")
    func refusals() {
        let seg: (String, Volume.Role, [Float]) = ("seg", .label, [0, 0, 0, 3, 2, 0])
        Self.expectRefusal(
            .file(named: nil), Context(),
            "mask \"file\" needs a mask, and this case has none; name one under input.masks",
            code: "no_mask")
        Self.expectRefusal(
            .file(named: nil), Self.context([seg]),
            "mask \"file\" needs a mask, and this case has none; name one under input.masks", code: "no_mask")
        Self.expectRefusal(
            .file(named: nil), Self.context([("a", .mask, [1]), ("b", .mask, [1]), seg]),
            "mask \"file\" is not clear: the case has a, b; write {\"file\": \"a\"}", code: "no_mask")
        Self.expectRefusal(
            .file(named: "brain"), Self.context([("a", .mask, [1]), seg]),
            "the case has no mask \"brain\"; it has a, seg", code: "no_mask")
        Self.expectRefusal(
            .file(named: "a"), Self.context([("a", .mask, [0, 0, 0, 0, 0, 0])]),
            "the mask \"a\" holds no voxel; choose another mask, or leave it out to use every voxel",
            code: "empty_mask")
        Self.expectRefusal(
            .file(named: nil), Self.context([("a", .mask, [1, 1])]),
            "the mask \"a\" has the shape 1x1x1x2x1, expected 1x1x1x6x1; give a mask on the image's grid",
            code: "grid_mismatch")
    }

    @Test("reads and writes every spelling, and no other")
    func json() {
        let spelled: [(JSONValue, MaskChoice)] = [
            ("none", .none), ("nonzero", .nonzero), ("positive", .positive), ("file", .file(named: nil)),
            (["file": "brain"], .file(named: "brain")), ("mean", .mean), ("nonzero_region", .nonzeroRegion),
        ]
        for (json, choice) in spelled {
            #expect(MaskChoice(json: json) == choice)
            #expect(choice.json == json)
        }
        for json: JSONValue in [
            "Nonzero", 1, nil, ["file": 1], ["file": "a", "b": 1], ["fil": "a"], [:], [],
        ] {
            #expect(MaskChoice(json: json) == nil)
        }
        expectFault(
            Stats.self, ["mask": "brain"],
            "mask is \"brain\"; expected \"none\", \"nonzero\", \"positive\", \"file\", \"mean\", "
                + "\"nonzero_region\", or {\"file\": a text}")
    }
}
