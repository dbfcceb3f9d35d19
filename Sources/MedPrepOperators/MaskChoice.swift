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
        case .file(let name): return .mask(try mask(named: name, for: tensor.shape, in: context))
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

    private func mask(named name: String?, for shape: Shape, in context: Context) throws(OperatorError)
        -> Tensor
    {
        // Without a name only masks are meant; a name may be a label map's too.
        let candidates = context.masks.filter { name == nil ? $0.role == .mask : $0.name == name }
        guard candidates.count == 1 else {
            let available = context.masks.filter { name != nil || $0.role == .mask }
            throw .noMask(named: name, available: available.map(\.name))
        }
        let mask = candidates[0].tensor
        var expected = shape
        expected.c = 1
        if mask.shape == expected { return mask }
        var single = expected
        single.n = 1
        guard mask.shape == single else {
            throw .maskShape(mask: candidates[0].name, found: mask.shape.sizes, expected: expected.sizes)
        }
        // One mask serves every sample.
        return Tensor(expected, (0..<shape.n).flatMap { _ in mask.values })
    }
}
