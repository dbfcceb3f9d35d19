public import MedPrepCore

/// A step of a pipeline as tests write it: the operator's name and the members beside `op`.
public struct StepExample: Sendable, CustomStringConvertible {
    public let name: String
    public let members: [JSONValue.Member]

    public init(_ name: String, _ parameters: JSONValue = [:]) {
        (self.name, members) = (name, parameters.members ?? [])
    }

    public var description: String { "\(name) \(JSONValue.object(members).line)" }
}

extension StepExample {
    /// The least that each operator with required parameters must be given. Operators that are not listed are
    /// content with their defaults.
    public static let minimal = [
        StepExample("window", ["center": 40, "width": 80]),
        StepExample("pad_to", ["size_ijk": [20, nil, 11]]),
        StepExample("pad_to_multiple", ["multiple": 4]),
        StepExample("crop_center", ["size_ijk": [nil, 3, 4]]),
        StepExample("crop_or_pad", ["size_ijk": [7, 14, nil]]),
        StepExample("ensure_multiple", ["multiple": 4]),
        StepExample("resample", ["spacing_ijk": [1.1, 1.1, 1.1]]),
        StepExample("resize", ["size_ijk": [9, 9, -1]]),
        StepExample("affine_resample", ["matrix_ijk": [[0.9, 0.1, 0], [-0.1, 0.9, 0.1], [0, 0, 1.1]]]),
    ]

    /// More of what an operator can do, for rules that hold for every step. Masks are those of the case.
    public static let variants = [
        StepExample("batch_norm", ["mask": "stats_and_output", "outside": -1]),
        StepExample("batch_norm", ["mode": "eval", "running_mean": [3], "running_var": [4]]),
        StepExample("batch_norm", ["mode": "global"]),
        StepExample("batch_renorm", ["convention": "keras"]),
        StepExample("instance_norm", ["running": true]),
        StepExample("layer_norm", ["axes": "C"]),
        StepExample("group_norm", ["groups": 1]),
        StepExample("zscore", ["mask": "file", "apply_to": "mask"]),
        StepExample("zscore", ["mask": "mean", "per_channel": false]),
        StepExample("rescale", ["percentiles": [1, 99], "mask": "nonzero_region"]),
        StepExample("rescale_percentiles", ["relative": true, "per_channel": false, "mask": "file"]),
        StepExample("clip", ["min": 0, "max": 80]),
        StepExample("clip_percentiles", ["mask": "positive", "sharpness": 0.5]),
        StepExample(
            "ct_normalize", ["mean": 20, "std": 30, "percentile_00_5": -40, "percentile_99_5": 90]),
        StepExample("histogram_equalize", ["bins": 7, "mask": "nonzero"]),
        StepExample("nyul", ["convention": "jcreinhold"]),
        StepExample("fcm", ["clusters": 2, "fuzziness": 1.5, "tissue": "csf", "mask": "file"]),
        StepExample("kde", ["modality": "pd", "compat": "jcreinhold3"]),
        StepExample("whitestripe", ["modality": "t2", "width": 0.2]),
        StepExample("lsq", ["standard_tissue_means": [1, 2, 3]]),
        StepExample("stats", ["mask": ["file": "brain"]]),
        StepExample("orient", ["to": "SPL"]),
        StepExample("crop_foreground", ["margin_ijk": 2, "k_divisible": 4, "select": ["above": 5]]),
        StepExample("pad_to", ["size_ijk": 16, "mode": "reflect", "method": "end"]),
        StepExample("crop_or_pad", ["size_ijk": [5, 6, 7], "center": "mask", "convention": "torchio"]),
        StepExample("resample", ["spacing_ijk": [2.5, nil, 0.7], "interpolation": "bspline3"]),
        StepExample("resample", ["spacing_ijk": 1.5, "compat": "monai"]),
        StepExample(
            "resample", ["spacing_ijk": [0.8, 1.3, 1.1], "compat": "nnunet", "separate_z": "never"]),
        StepExample(
            "affine_resample", ["matrix_ijk": [[0.9, 0.1, 0], [0, 1, 0], [0, 0, 1]], "labels": "argmax"]),
        StepExample("resize", ["zoom_ijk": [1, 2, 0.5], "labels": "argmax"]),
        StepExample("resample", ["spacing_ijk": 1.3, "labels": "argmax", "tiebreak": "highest"]),
        StepExample("resize", ["zoom_ijk": [0.5, 2, nil], "grid": "corners", "interpolation": "nearest"]),
        StepExample("resample", ["spacing_ijk": 1.3, "interpolation": "bspline2"]),
        StepExample("resize", ["size_ijk": [7, 6, 5], "interpolation": "bspline5"]),
        StepExample("conform", ["size_ijk": [9, 8, 7], "spacing_ijk": 1.5]),
    ]
}
