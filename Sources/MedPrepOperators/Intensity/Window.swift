public import MedPrepCore
internal import MedPrepKernels

/// Maps a window of the scan's values, such as a CT window, to [`out_min`, `out_max`].
///
///     y = (x − in_min)/(in_max − in_min)·(out_max − out_min) + out_min, then clipped to the output's bounds
///
/// `center` and `width` are the window [center − width/2, center + width/2]. Without output bounds
/// y = (x − in_min)/(in_max − in_min), and a bound that is null clips nothing.
///
/// - Shape: any, unchanged. Grid: unchanged.
/// - Unit: in the scan's own (Hounsfield units for CT), out that of `out_min`, `out_max`.
/// - NaN: stays NaN; infinity becomes the bound, or is kept without `clip`.
/// - Cost: one pass in place, one more with `clip` and with `require_in_range`.
/// - Same as: MONAI `ScaleIntensityRange` (with `clip` false its default), nnU-Net `RGBTo01Normalization` (0, 255,
///   `require_in_range`).
public struct Window: IntensityOperator {
    public static let card = Card<Self>(
        "Maps a window of the scan's values to [out_min, out_max].",
        [
            Parameter("in_min", \.inMin, "Lower end of the window; with in_max.", .unit("unit of the scan")),
            Parameter("in_max", \.inMax, "Upper end of the window; with in_min.", .unit("unit of the scan")),
            Parameter("center", \.center, "Middle of the window; with width.", .unit("unit of the scan")),
            Parameter(
                "width", \.width, "Width of the window; with center.", .atLeast(0), .unit("unit of the scan")),
            Parameter("out_min", \.outMin, "What in_min becomes; null: 0, and nothing is clipped there."),
            Parameter("out_max", \.outMax, "What in_max becomes; null: 1, and nothing is clipped there."),
            Parameter("clip", \.clip, "Clip to out_min and out_max."),
            Parameter("require_in_range", \.requireInRange, "Refuse a scan with values outside the window."),
        ],
        formula: "y = (x - in_min) / (in_max - in_min) * (out_max - out_min) + out_min",
        sameAs: "monai ScaleIntensityRange, nnunetv2 RGBTo01Normalization (in 0..255, require_in_range)")

    public var inMin: Double?
    public var inMax: Double?
    public var center: Double?
    public var width: Double?
    public var outMin: Double? = 0
    public var outMax: Double? = 1
    public var clip = true
    public var requireInRange = false
    public init() {}

    public func check() throws(ParameterError) {
        let ends = [("in_min", inMin), ("in_max", inMax)]
        let middle = [("center", center), ("width", width)]
        let written = (ends + middle).filter { $0.1 != nil }.map { $0.0 }
        let (writtenEnds, writtenMiddle) = (ends.contains { $0.1 != nil }, middle.contains { $0.1 != nil })
        if written.isEmpty { throw .missing(["in_min", "center"]) }
        if writtenEnds, writtenMiddle {
            throw .conflict(
                written,
                reason: "\(written.joined(separator: " and ")) do not go together; "
                    + "give in_min and in_max, or center and width")
        }
        if let missing = (writtenEnds ? ends : middle).first(where: { $0.1 == nil }) {
            throw .missing([missing.0])
        }
        if let inMin, let inMax, inMin > inMax {
            throw .conflict(["in_min", "in_max"], reason: "in_min \(inMin) is above in_max \(inMax)")
        }
        if let outMin, let outMax, outMin > outMax {
            throw .conflict(["out_min", "out_max"], reason: "out_min \(outMin) is above out_max \(outMax)")
        }
    }

    public var actsOnEachValue: Bool { !requireInRange }

    /// The window's ends, whichever way they are given.
    private var ends: (lower: Double, upper: Double) {
        if let center, let width { return (center - width / 2, center + width / 2) }
        return (inMin ?? 0, inMax ?? 1)
    }

    public func apply(to tensor: inout Tensor, in context: inout Context) throws(OperatorError) {
        let (lower, upper) = ends
        if requireInRange { try checkRange(of: tensor, lower, upper, context.workers) }
        let scaling: Scaling
        if lower == upper {
            context.note(
                .constantWindow, "the window is one value wide; its value is taken off and nothing is scaled")
            scaling = Scaling(center: lower, offset: outMin ?? 0)
        } else if let outMin, let outMax {
            scaling = Scaling(center: lower, factor: (outMax - outMin) / (upper - lower), offset: outMin)
        } else {
            scaling = Scaling(center: lower, factor: 1 / (upper - lower))
        }
        let row = Array(repeating: scaling, count: tensor.shape.c)
        tensor.scale(by: Array(repeating: row, count: tensor.shape.n), in: &context)
        if clip, lower < upper {
            let bounds = Bounds(outMin.map { Float($0) } ?? -.infinity, outMax.map { Float($0) } ?? .infinity)
            tensor.clamp(to: bounds, in: &context)
        }
    }

    private func checkRange(
        of tensor: Tensor, _ lower: Double, _ upper: Double, _ workers: Workers
    ) throws(OperatorError) {
        for range in tensor.extremes(workers).joined() where !range.isEmpty {
            for value in [range.min, range.max] where Double(value) < lower || Double(value) > upper {
                let expected = "\(JSONValue.number(lower).line) to \(JSONValue.number(upper).line)"
                throw .outOfRange(found: value, expected: expected)
            }
        }
    }
}
