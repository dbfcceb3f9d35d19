public import MedPrepCore

/// What nnU-Net does to a case before training (SEMANTICS 8), under its own names.
public enum NNUNet {}

extension NNUNet {
    /// How one channel is normalized.
    public enum Normalization: Hashable, Sendable {
        /// Clip to the percentiles, take off the mean, divide by max(std, 1e-8): numbers of the whole data set.
        case ct(mean: Double, std: Double, lower: Double, upper: Double)
        /// (x − mean)/max(std, 1e-8), of the nonzero region and in it alone, or of every voxel.
        case zScore(inRegion: Bool)
        /// (x − min)/max(max − min, 1e-8)
        case rescaleTo01
        /// x/255, of values in 0…255.
        case rgbTo01
        case none
    }
}

extension NNUNet.Normalization {
    /// As nnU-Net chooses by the name of a channel.
    ///
    /// - Parameters:
    ///   - inRegion: for z-scores; nnU-Net says yes where cropping leaves less than three quarters of the volume (median).
    ///   - intensities: the channel's entry in a fingerprint; CT needs it.
    public init?(channel name: String, inRegion: Bool = false, intensities: JSONValue? = nil) {
        switch name.lowercased() {
        case "ct":
            guard let intensities, let ct = Self(ct: intensities) else { return nil }
            self = ct
        case "nonorm": self = .none
        case "rescale_to_0_1": self = .rescaleTo01
        case "rgb_to_0_1": self = .rgbTo01
        default: self = .zScore(inRegion: inRegion)
        }
    }

    private init?(ct json: JSONValue) {
        guard let mean = json["mean"]?.double, let std = json["std"]?.double,
            let lower = json["percentile_00_5"]?.double, let upper = json["percentile_99_5"]?.double,
            [mean, std, lower, upper].allSatisfy(\.isFinite), lower <= upper
        else { return nil }
        self = .ct(mean: mean, std: std, lower: lower, upper: upper)
    }

    /// By nnU-Net's class names; a z-score's `mask` is nonzero_region or none.
    init?(step json: JSONValue) {
        switch json["op"]?.string {
        case "CTNormalization":
            guard let ct = Self(ct: json) else { return nil }
            self = ct
        case "ZScoreNormalization":
            switch json["mask"] {
            case nil, "none": self = .zScore(inRegion: false)
            case "nonzero_region": self = .zScore(inRegion: true)
            default: return nil
            }
        case "RescaleTo01Normalization": self = .rescaleTo01
        case "RGBTo01Normalization": self = .rgbTo01
        case "NoNormalization": self = .none
        default: return nil
        }
    }

    var json: JSONValue {
        switch self {
        case .ct(let mean, let std, let lower, let upper):
            [
                "op": "CTNormalization", "mean": .number(mean), "std": .number(std),
                "percentile_00_5": .number(lower), "percentile_99_5": .number(upper),
            ]
        case .zScore(let inRegion):
            ["op": "ZScoreNormalization", "mask": inRegion ? "nonzero_region" : "none"]
        case .rescaleTo01: ["op": "RescaleTo01Normalization"]
        case .rgbTo01: ["op": "RGBTo01Normalization"]
        case .none: ["op": "NoNormalization"]
        }
    }
}
