/// Stands on one JSON value, hands it out as what is asked for, and gathers what is wrong instead of stopping.
///
///     var cursor = JSONCursor(node, name: "the pipeline")
///     let batch = cursor.object { top in
///         top.optional("batch") { $0.object { batch in batch.optional("size") { $0.int(in: 1...4096) } } }
///     }
///     if !cursor.diagnostics.isEmpty { … }
///
/// Every reading gives nil when the value is wrong, after noting why.
package struct JSONCursor {
    package let node: JSONNode
    /// What messages call the value: `"batch.size"`, `"steps[2]"`, or the name of the whole.
    package let name: String
    package private(set) var diagnostics: [Diagnostic] = []
    private let path: String

    /// On the whole of a file, which messages call `name`.
    package init(_ node: JSONNode, name: String) { (self.node, self.name, path) = (node, name, "") }

    private init(_ node: JSONNode, path: String) { (self.node, name, self.path) = (node, path.quoted, path) }

    package mutating func note(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

    /// Notes a fault of this value.
    package mutating func refuse(_ message: String, label: String? = nil, help: String? = nil) {
        note(Diagnostic(.fault, node.range, message, label: label, help: help))
    }

    /// Goes to a value below, and comes back with what it noted.
    mutating func descend<Value>(
        to child: JSONNode, key: String, _ body: (inout JSONCursor) -> Value?
    ) -> Value? {
        descend(to: child, path: path.isEmpty ? key : path + "." + key, body)
    }

    private mutating func descend<Value>(
        to child: JSONNode, path: String, _ body: (inout JSONCursor) -> Value?
    ) -> Value? {
        var cursor = JSONCursor(child, path: path)
        let value = body(&cursor)
        diagnostics += cursor.diagnostics
        return value
    }

    /// Every item of a list, in order; those that are wrong are left out.
    package mutating func list<Value>(_ item: (inout JSONCursor) -> Value?) -> [Value]? {
        guard let items = node.items else { return refuse(expecting: "a list") }
        var values: [Value] = []
        for (index, node) in items.enumerated() {
            if let value = descend(to: node, path: "\(path)[\(index)]", item) { values.append(value) }
        }
        return values
    }

    /// The members of an object whose keys are known: `body` asks for every one of them, on every way through, and
    /// what it did not ask for is an unknown key.
    package mutating func object<Value>(_ body: (inout JSONMembers) -> Value?) -> Value? {
        guard let found = node.members else { return refuse(expecting: "an object") }
        let kept = undoubled(found)
        var members = JSONMembers(self, members: kept)
        let value = body(&members)
        self = members.finish()
        return value
    }

    /// The members of an object whose keys are the user's own names, in order; comments are no members.
    package mutating func dictionary<Value>(
        _ member: (inout JSONCursor) -> Value?
    ) -> [(key: String, keyRange: Range<Int>, value: Value)]? {
        guard let found = node.members else { return refuse(expecting: "an object") }
        var values: [(key: String, keyRange: Range<Int>, value: Value)] = []
        for found in undoubled(found) {
            if let value = descend(to: found.node, key: found.key, member) {
                values.append((found.key, found.keyRange, value))
            }
        }
        return values
    }

    /// Notes the doubled keys of every object in this value: for values that something else decodes.
    package mutating func refuseDoubledKeys() {
        for member in undoubled(node.members ?? []) {
            _ = descend(to: member.node, key: member.key) { $0.refuseDoubledKeys() }
        }
        for (index, item) in (node.items ?? []).enumerated() {
            _ = descend(to: item, path: "\(path)[\(index)]") { $0.refuseDoubledKeys() }
        }
    }

    /// The first member of each key, comments left out; the later ones are noted.
    private mutating func undoubled(_ members: [JSONNode.Member]) -> [JSONNode.Member] {
        var keys: Set<String> = []
        return members.filter { member in
            if member.isComment { return false }
            if keys.insert(member.key).inserted { return true }
            note(
                Diagnostic(
                    .fault, member.keyRange, "the key \(member.key.quoted) is written twice in \(name)",
                    help: "keep one of the two"))
            return false
        }
    }
}
