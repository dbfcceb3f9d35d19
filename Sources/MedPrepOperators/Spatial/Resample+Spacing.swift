public import MedPrepCore

extension Resample {
    /// The spacing asked for.
    public enum Spacing: Hashable, ParameterValue {
        /// Millimetres; nil keeps the axis.
        case given(Triplet<Double?>)
        /// nnU-Net's target spacing of the whole data set (SEMANTICS 8).
        case median

        public static var form: ParameterForm { .either([Triplet<Double?>.form, .choice(["median"])]) }

        public init?(json: JSONValue) {
            if json == "median" {
                self = .median
            } else if let spacing = Triplet<Double?>(json: json) {
                self = .given(spacing)
            } else {
                return nil
            }
        }

        public var json: JSONValue { if case .given(let spacing) = self { spacing.json } else { "median" } }
        public var numbers: [Double] { if case .given(let spacing) = self { spacing.numbers } else { [] } }
    }

    /// The spacing where it is known.
    var given: Triplet<Double?>? { if case .given(let spacing) = spacing { spacing } else { nil } }

    public var learnsGrids: Bool { spacing == .median }

    public func resolved(onAll grids: [Grid]) throws(OperatorError) -> Self {
        guard learnsGrids else { return self }
        if grids.isEmpty { throw .unresolvedSpacing(operator: Self.name) }
        let target = TargetSpacing(of: grids)()
        var result = self
        result.spacing = .given(Triplet(target.x, target.y, target.z))
        return result
    }
}

extension Resample.Spacing: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    /// The same along all axes: `resample.spacing = 2`.
    public init(floatLiteral value: Double) { self = .given(Triplet(value)) }
    public init(integerLiteral value: Int) { self = .given(Triplet(Double(value))) }
}
