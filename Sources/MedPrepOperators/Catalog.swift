/// Every operator, in the order of SEMANTICS 12. A new one is one line here.
public enum Catalog {
    public static let all: [any Operator.Type] = [
        BatchNorm.self,
        BatchRenorm.self,
        NormalizeOver.self,
        BatchStatReport.self,
        InstanceNorm.self,
        LayerNorm.self,
        GroupNorm.self,
        RMSNorm.self,
        RobustNorm.self,
        ZScore.self,
        Rescale.self,
        Window.self,
        Clip.self,
        ClipPercentiles.self,
        Stats.self,
        Orient.self,
        CropForeground.self,
        PadTo.self,
        CropCenter.self,
        CropOrPad.self,
        Resample.self,
        Resize.self,
    ]

    /// What the library offers beside steps, in the same order.
    public static let functions: [any LibraryFunction.Type] = [
        WeightNorm.self,
        WeightStandardization.self,
        ResampleLabels.self,
        NewShape.self,
        TargetSpacing.self,
        Fingerprint.self,
        NNUNet.Pipeline.self,
    ]

    public static func type(named name: String) -> (any Operator.Type)? { all.first { $0.name == name } }

    public static var names: [String] { all.map { $0.name } }
}
