public import MedPrepCore

extension NNUNet {
    /// One step of nnU-Net's preprocessing; they come in the order of the cases.
    public enum Step: Sendable {
        case cropNonzero
        /// One for all channels, or one for each in order.
        case normalize(Normalization)
        /// Compat nnunet.
        case resample(Resample)
        /// At the spacing of `resample`.
        case resampleLabels(ResampleLabels)
    }
}

extension NNUNet.Step: ParameterValue {
    public static var form: ParameterForm {
        .object([.init("op", .choice(normalizations + ["crop_nonzero", Resample.name, ResampleLabels.name]))])
    }

    private static let normalizations = [
        "CTNormalization", "ZScoreNormalization", "RescaleTo01Normalization", "RGBTo01Normalization",
        "NoNormalization",
    ]

    public init?(json: JSONValue) {
        guard let members = json.members, let op = json["op"]?.string else { return nil }
        let others = members.filter { $0.key != "op" }
        func has(_ keys: String...) -> Bool { others.contains { keys.contains($0.key) } }
        switch op {
        case "crop_nonzero": self = .cropNonzero
        case Resample.name:
            let preset = has("compat") ? [] : [JSONValue.Member("compat", "nnunet")]
            guard let step = try? Resample(parameters: preset + others), step.compat == .nnunet else {
                return nil
            }
            self = .resample(step)
        case ResampleLabels.name:
            let spacing = has("spacing_ijk", "spacing_dhw") ? [] : [JSONValue.Member("spacing_ijk", nil)]
            guard let step = try? ResampleLabels(parameters: spacing + others) else { return nil }
            self = .resampleLabels(step)
        default:
            guard let normalization = NNUNet.Normalization(step: json) else { return nil }
            self = .normalize(normalization)
        }
    }

    public var json: JSONValue {
        switch self {
        case .cropNonzero: ["op": "crop_nonzero"]
        case .normalize(let normalization): normalization.json
        case .resample(let step): .object([.init("op", .string(Resample.name))] + step.parameters)
        case .resampleLabels(let step): .object([.init("op", .string(ResampleLabels.name))] + step.parameters)
        }
    }

    /// Where it stands in a case.
    var rank: Int {
        switch self {
        case .cropNonzero: 0
        case .normalize: 1
        case .resample: 2
        case .resampleLabels: 3
        }
    }
}
