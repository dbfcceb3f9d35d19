public import MedPrepCore
package import MedPrepKernels

/// Which voxels statistics are taken from: the parameter `mask` (SEMANTICS 4).
public enum MaskChoice: Hashable, Sendable {
    case none
    /// x ≠ 0, channel by channel.
    case nonzero
    /// x > 0, channel by channel.
    case positive
    /// Above 0 in a mask of the case, or in a label map named like one; without a name the case's only mask.
    case file(named: String?)
    /// x > mean, of the channel, or of all channels where they are pooled.
    case mean
    /// Union of x ≠ 0 over the channels, holes filled.
    case nonzeroRegion

    /// As pipeline files write it.
    public var text: String {
        switch self {
        case .none: "none"
        case .nonzero: "nonzero"
        case .positive: "positive"
        case .file(let name): name ?? "file"
        case .mean: "mean"
        case .nonzeroRegion: "nonzero_region"
        }
    }
}

extension MaskChoice: ParameterValue {
    private static let plain: [MaskChoice] = [
        .none, .nonzero, .positive, .file(named: nil), .mean, .nonzeroRegion,
    ]

    public static var form: ParameterForm {
        .either([.choice(plain.map(\.text)), .object([.init("file", .text)])])
    }

    public init?(json: JSONValue) {
        if let members = json.members {
            guard members.count == 1, let name = json["file"]?.string else { return nil }
            self = .file(named: name)
        } else {
            guard let choice = Self.plain.first(where: { .string($0.text) == json }) else { return nil }
            self = choice
        }
    }

    public var json: JSONValue {
        if case .file(let name?) = self { ["file": .string(name)] } else { .string(text) }
    }
}

extension MaskChoice {
    /// The voxels of `tensor` that it chooses; they may be none.
    package func selection(
        for tensor: Tensor, perChannel: Bool = true, in context: Context
    ) throws(OperatorError) -> VoxelSelection {
        switch self {
        case .none: return .all
        case .nonzero: return .nonzero
        case .positive: return .positive
        case .file(let name?): return .mask(try context.mask(named: name, over: tensor.shape))
        case .file(nil):
            let request = MaskRequest("mask \"file\"", canName: true)
            return .mask(try context.onlyMask(over: tensor.shape, for: request).tensor)
        case .mean:
            let moments = tensor.moments(context.workers)
            return .above(
                moments.map { channels in
                    if perChannel { return channels.map(\.mean) }
                    return Array(repeating: Moments(merging: channels).mean, count: channels.count)
                })
        case .nonzeroRegion: return .mask(tensor.nonzeroRegion(context.workers))
        }
    }

    /// Why a statistic over this choice has no value.
    package func emptyError(operator name: String) -> OperatorError {
        self == .none ? .noFiniteValue(operator: name) : .emptyMask(mask: text)
    }
}
