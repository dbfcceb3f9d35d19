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
        RescalePercentiles.self,
        ShiftScale.self,
        Clip.self,
        ClipPercentiles.self,
        CTNormalize.self,
        HistogramEqualize.self,
        Nyul.self,
        FCM.self,
        KDE.self,
        Whitestripe.self,
        LSQ.self,
        Stats.self,
        Orient.self,
        CropForeground.self,
        CropNonzero.self,
        PadTo.self,
        PadToMultiple.self,
        CropCenter.self,
        CropOrPad.self,
        EnsureMultiple.self,
        Resample.self,
        Resize.self,
        AffineResample.self,
        Conform.self,
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
        Ravel.self,
    ]

    public static func type(named name: String) -> (any Operator.Type)? { all.first { $0.name == name } }

    public static var names: [String] { all.map { $0.name } }
}
