public import MedPrepCore

/// A number for all channels, or a list with one for each.
public enum PerChannel: Hashable, Sendable {
    case all(Double)
    case each([Double])

    /// One value for each of `channels`.
    package func values(for channels: Int, parameter: String) throws(OperatorError) -> [Double] {
        switch self {
        case .all(let value): return Array(repeating: value, count: channels)
        case .each(let values):
            guard values.count == channels else {
                throw .channelCount(parameter: parameter, found: values.count, expected: channels)
            }
            return values
        }
    }
}

extension PerChannel: ParameterValue {
    public static var form: ParameterForm { .either([.number, .list(.number)]) }

    public init?(json: JSONValue) {
        if let value = Double(json: json) {
            self = .all(value)
        } else if let values = [Double](json: json), !values.isEmpty {
            self = .each(values)
        } else {
            return nil
        }
    }

    public var json: JSONValue {
        switch self {
        case .all(let value): value.json
        case .each(let values): values.json
        }
    }

    public var numbers: [Double] {
        switch self {
        case .all(let value): [value]
        case .each(let values): values
        }
    }
}
