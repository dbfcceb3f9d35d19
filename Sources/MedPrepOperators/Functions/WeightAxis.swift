/// The axis of a weight tensor that has statistics of its own: (kD, kH, kW, Cin, Cout) is a tensor of shape
/// (n: kD, d: kH, h: kW, w: Cin, c: Cout), so the same values in the same order.
public enum WeightAxis: String, CaseIterable, ParameterValue {
    /// Each output filter.
    case cout = "Cout"
}
