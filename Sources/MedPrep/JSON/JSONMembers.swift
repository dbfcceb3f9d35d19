import MedPrepCore

/// The members of an object while it is decoded: remembers which keys were asked for.
package struct JSONMembers {
    /// Where faults of the object go; `note` and `refuse` speak of it.
    package var cursor: JSONCursor
    private let members: [JSONNode.Member]
    private let positions: [String: Int]
    private var asked: [String] = []
    private var missing: [(key: String, help: String?)] = []

    /// - Parameter members: comments and doubled keys are no longer among them.
    init(_ cursor: JSONCursor, members: [JSONNode.Member]) {
        (self.cursor, self.members) = (cursor, members)
        positions = Dictionary(members.enumerated().map { ($1.key, $0) }) { first, _ in first }
    }

    /// The value of a key; nil when it is absent, or wrong and noted.
    package mutating func optional<Value>(_ key: String, _ body: (inout JSONCursor) -> Value?) -> Value? {
        asked.append(key)
        guard let position = positions[key] else { return nil }
        return cursor.descend(to: members[position].node, key: key, body)
    }

    /// The value of a key that must be there; nil when it is absent or wrong, and noted.
    package mutating func required<Value>(
        _ key: String, help: String? = nil, _ body: (inout JSONCursor) -> Value?
    ) -> Value? {
        if positions[key] == nil { missing.append((key, help)) }
        return optional(key, body)
    }

    /// The bytes of a key, for a fault between keys; nil when it is absent.
    package func keyRange(_ key: String) -> Range<Int>? { positions[key].map { members[$0].keyRange } }

    /// Notes the unknown keys and the missing ones, and gives the cursor back.
    func finish() -> JSONCursor {
        var cursor = cursor
        var meant: Set<String> = []
        for member in members where !asked.contains(member.key) {
            let near = nearest(to: member.key, in: asked)
            if let near { meant.insert(near) }
            let known = asked.map { $0.quoted }.joined(separator: ", ")
            cursor.note(
                Diagnostic(
                    .fault, member.keyRange, "unknown key \(member.key.quoted) in \(cursor.name)",
                    help: near.map { "did you mean \($0.quoted)?" }
                        ?? (asked.isEmpty ? "no keys belong here" : "known keys: \(known)")))
        }
        // A key that is there under a wrong name is one fault, not two.
        for (key, help) in missing where !meant.contains(key) {
            let brace = cursor.node.range.lowerBound
            cursor.note(
                Diagnostic(
                    .fault, brace..<brace + 1, "\(key.quoted) is missing in \(cursor.name)", help: help))
        }
        return cursor
    }
}
