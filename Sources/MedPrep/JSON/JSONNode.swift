package import MedPrepCore

/// A JSON value that knows the bytes it was read from.
package struct JSONNode: Hashable, Sendable {
    package let content: Content
    /// The bytes of the value, brackets and quotes included.
    package let range: Range<Int>

    package enum Content: Hashable, Sendable {
        case null
        case bool(Bool)
        case integer(Int)
        case number(Double)
        case string(String)
        case array([JSONNode])
        /// In the order written; doubled keys are kept.
        case object([Member])
    }

    package struct Member: Hashable, Sendable {
        package let key: String
        /// The bytes of the key, quotes included.
        package let keyRange: Range<Int>
        package let node: JSONNode

        /// `"$schema"` and keys that begin with `_` are for people and editors.
        package var isComment: Bool { key == "$schema" || key.hasPrefix("_") }
    }

    /// The value without its place; doubled keys and comments are still there.
    package var value: JSONValue { value { _ in true } }

    /// The value without its place and without the members that are comments, at any depth.
    package var valueWithoutComments: JSONValue { value { !$0.isComment } }

    /// The first member of this name; nil when this is no object or has no such key.
    package func member(_ key: String) -> Member? { members?.first { $0.key == key } }

    package var members: [Member]? { if case .object(let members) = content { members } else { nil } }
    package var items: [JSONNode]? { if case .array(let items) = content { items } else { nil } }

    private func value(keeping isKept: (Member) -> Bool) -> JSONValue {
        switch content {
        case .null: .null
        case .bool(let value): .bool(value)
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .string(let value): .string(value)
        case .array(let items): .array(items.map { $0.value(keeping: isKept) })
        case .object(let members):
            .object(
                members.filter(isKept).map { JSONValue.Member($0.key, $0.node.value(keeping: isKept)) })
        }
    }
}
