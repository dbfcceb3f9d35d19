public import MedPrepCore
internal import MedPrepKernels

/// Keeps the box around the foreground, with a margin.
///
///     box = [first, last + 1) of the selected voxels ± margin, raised to a multiple of k_divisible
///
/// - Shape: the box; at most the volume with its margin. Grid: moved by the voxels in front that go.
/// - NaN: never foreground, else stays.
/// - Cost: one look, one copy.
/// - Same as: `monai.transforms.CropForeground`.
public struct CropForeground: SpatialOperator {
    public static let card = Card<Self>(
        "Keeps the box around the foreground, with a margin.",
        [
            Parameter(
                "select", \.select,
                "What is foreground: positive, nonzero or {\"above\": t}; CT: {\"above\": -500}."),
            Parameter(
                "channels", \.channels, "Channels that are asked: \"all\" or a list, from 0.", .atLeast(0)),
            Parameter("margin", \.margin, "Voxels kept around the box.", .atLeast(0), .atMost(1e9)),
            Parameter(
                "k_divisible", \.kDivisible, "Sizes are raised to a multiple of this.", .atLeast(1),
                .atMost(1e9)),
            Parameter(
                "allow_smaller", \.allowSmaller, "True: the margin ends at the border. False: it is padded."),
            Parameter("pad_value", \.padValue, "Value of voxels beyond the border."),
            Parameter("on_empty", \.onEmpty, "What a volume without foreground meets: error or keep."),
        ], formula: "box = [first, last + 1) of the selected voxels, plus margin",
        geometry: "at most the volume with its margin", sameAs: "monai.transforms.CropForeground")

    public var select = Selection.positive
    public var channels = Channels.all
    public var margin = Triplet<Int>(0)
    public var kDivisible = 1
    public var allowSmaller = false
    public var padValue: Float = 0
    public var onEmpty = Empty.error
    public init() {}

    public enum Empty: String, CaseIterable, ParameterValue {
        case error, keep
    }

    public var dependsOnVoxels: Bool { true }

    public var picksVoxels: Bool { true }

    public func foreground(in image: Volume, context: inout Context) throws(OperatorError) -> Box? {
        let count = image.tensor.shape.c
        if let bad = channels.list?.first(where: { $0 < 0 || $0 >= count }) {
            throw .noChannel(index: bad, channels: count)
        }
        return image.tensor.boundingBox(of: select.voxels, channels: channels.list, context.workers)
    }

    public func box(
        around foreground: Box?, on grid: Grid, context: inout Context
    ) throws(OperatorError) -> Box? {
        guard let foreground else {
            if onEmpty == .error { throw .emptyForeground(select: select.text) }
            context.note(.emptyForeground, "no voxel \(select.text), so the volume stays whole")
            return grid.box
        }
        return enlarged(foreground, in: grid)
    }

    public func grid(after grid: Grid, box: Box?) throws(OperatorError) -> Grid {
        try grid.cropped(to: box ?? enlarged(grid.box, in: grid)).checked(Self.name, from: grid)
    }

    /// Margin, then divisibility.
    private func enlarged(_ box: Box, in grid: Grid) -> Box {
        var box = box.grown(by: margin.simd)
        if allowSmaller { box = box.clamped(to: grid.box) }
        for axis in 0..<3 {
            let old = box.extent[axis]
            let new = (old + kDivisible - 1) / kDivisible * kDivisible
            box.lower[axis] -= (new - old) / 2
            box.upper[axis] = box.lower[axis] + new
        }
        return box
    }

    public func changesOnlyZeros(lowest: Double) -> Bool {
        guard channels == .all, padValue == 0 else { return false }
        return select == .nonzero || select.voxels == .above(0) && lowest >= 0
    }

    public func sampling(of volume: Volume) -> Sampling { Sampling(.nearest, fill: padValue) }
}

extension CropForeground {
    /// What is foreground.
    public enum Selection: Hashable, ParameterValue {
        case positive, nonzero
        case above(Float)

        public static var form: ParameterForm {
            .either([.choice(["positive", "nonzero"]), .object([.init("above", .number)])])
        }

        public init?(json: JSONValue) {
            switch json.string {
            case "positive": self = .positive
            case "nonzero": self = .nonzero
            default:
                guard json.members?.count == 1, let bound = json["above"].flatMap({ Float(json: $0) }) else {
                    return nil
                }
                self = .above(bound)
            }
        }

        public var json: JSONValue {
            switch self {
            case .positive: "positive"
            case .nonzero: "nonzero"
            case .above(let bound): ["above": bound.json]
            }
        }

        var voxels: ForegroundRule {
            switch self {
            case .positive: .above(0)
            case .nonzero: .nonzero
            case .above(let bound): .above(bound)
            }
        }

        var text: String {
            switch self {
            case .positive: "is positive"
            case .nonzero: "is nonzero"
            case .above(let bound): "is above \(bound)"
            }
        }
    }

    /// Which channels are asked.
    public enum Channels: Hashable, ParameterValue {
        case all
        case only([Int])

        public static var form: ParameterForm { .either([.choice(["all"]), .list(.integer)]) }

        public init?(json: JSONValue) {
            if json.string == "all" {
                self = .all
            } else if let list = [Int](json: json), !list.isEmpty {
                self = .only(list)
            } else {
                return nil
            }
        }

        public var json: JSONValue { list.map { .integers($0) } ?? "all" }
        public var numbers: [Double] { (list ?? []).map(Double.init) }

        var list: [Int]? { if case .only(let list) = self { list } else { nil } }
    }
}
