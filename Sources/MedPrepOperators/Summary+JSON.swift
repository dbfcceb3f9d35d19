public import MedPrepCore

/// What a report says of one channel; the cases are the keys, in their order.
public enum SummaryField: String, CaseIterable, ParameterValue {
    case count, nonzero, nonfinite, min, max, mean, std
    case variance = "var"
    case unbiasedVariance = "var_unbiased"
    case skewness
    case excessKurtosis = "excess_kurtosis"
    case median, percentiles
    case effectiveSample = "m_effective"
    case constant
}

extension Summary {
    /// The ranks of SEMANTICS 9.
    public static let standardPercentiles: [Double] = [0.5, 1, 5, 25, 50, 75, 95, 99, 99.5]

    /// Every field, as reports write it.
    public var json: JSONValue { json(SummaryField.allCases, percentiles: percentiles.map(\.rank)) }

    /// The fields named, in that order, with the percentiles of these ranks.
    ///
    /// A number that does not exist (the skewness of a constant, all numbers of no value) is null, and `undefined`
    /// lists the keys of these.
    public func json(_ fields: [SummaryField], percentiles ranks: [Double]) -> JSONValue {
        var members = [JSONValue.Member]()
        var undefined = [String]()
        for field in fields {
            let value = value(of: field, ranks)
            members.append(.init(field.rawValue, value.finite))
            if !value.isDefined { undefined.append(field.rawValue) }
        }
        if !undefined.isEmpty { members.append(.init("undefined", .array(undefined.map { .string($0) }))) }
        return .object(members)
    }

    private func value(of field: SummaryField, _ ranks: [Double]) -> JSONValue {
        switch field {
        case .count: .integer(count)
        case .nonzero: .integer(nonzero)
        case .nonfinite: .integer(nonfinite)
        case .min: .number(min)
        case .max: .number(max)
        case .mean: .number(mean)
        case .std: .number(standardDeviation)
        case .variance: .number(variance)
        case .unbiasedVariance: .number(unbiasedVariance)
        case .skewness: .number(skewness)
        case .excessKurtosis: .number(excessKurtosis)
        case .median: .number(median)
        case .percentiles:
            .object(
                ranks.map { rank in
                    let value = percentiles.first { $0.rank == rank }?.value ?? .nan
                    return .init(JSONValue.number(rank).line, .number(value))
                })
        case .effectiveSample: .integer(count)
        case .constant: .bool(isConstant)
        }
    }
}

extension JSONValue {
    /// False for NaN and infinity, and for an object that holds one.
    fileprivate var isDefined: Bool {
        switch self {
        case .number(let value): value.isFinite
        case .object(let members): members.allSatisfy { $0.value.isDefined }
        default: true
        }
    }

    /// The same value with null for NaN and infinity.
    fileprivate var finite: JSONValue {
        switch self {
        case .number(let value): value.isFinite ? self : .null
        case .object(let members): .object(members.map { .init($0.key, $0.value.finite) })
        default: self
        }
    }
}
