public import MedPrepCore

/// A list of numbers for all channels, or a list of such lists with one for each.
public enum PerChannelLists: Hashable, Sendable {
    case all([Double])
    case each([[Double]])

    /// One list for each of `channels`.
    package func lists(for channels: Int, parameter: String) throws(OperatorError) -> [[Double]] {
        switch self {
        case .all(let list): return Array(repeating: list, count: channels)
        case .each(let lists):
            guard lists.count == channels else {
                throw .channelCount(parameter: parameter, found: lists.count, expected: channels)
            }
            return lists
        }
    }

    /// Without the outer list where there is one channel.
    package init(_ lists: [[Double]]) { self = lists.count == 1 ? .all(lists[0]) : .each(lists) }

    /// The lists as they are written.
    package var written: [[Double]] {
        switch self {
        case .all(let list): [list]
        case .each(let lists): lists
        }
    }
}

extension PerChannelLists: ParameterValue {
    public static var form: ParameterForm { .either([.list(.number), .list(.list(.number))]) }

    public init?(json: JSONValue) {
        if let list = [Double](json: json), !list.isEmpty {
            self = .all(list)
        } else if let lists = [[Double]](json: json), !lists.isEmpty, lists.allSatisfy({ !$0.isEmpty }) {
            self = .each(lists)
        } else {
            return nil
        }
    }

    public var json: JSONValue {
        switch self {
        case .all(let list): list.json
        case .each(let lists): lists.json
        }
    }

    public var numbers: [Double] { written.flatMap { $0 } }
}
