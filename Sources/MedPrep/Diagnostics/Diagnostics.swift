public import MedPrepCore

/// Everything there is to say about one file, in the order of its places; thrown when it holds a fault.
public struct Diagnostics: Error, Sendable, CustomStringConvertible {
    package let source: SourceText
    /// By place; of one place in the order they were found.
    public let list: [Diagnostic]

    package init(_ source: SourceText, _ list: [Diagnostic]) {
        self.source = source
        // The index makes the order of equal places certain.
        self.list = list.enumerated().sorted {
            ($0.element.range.lowerBound, $0.offset) < ($1.element.range.lowerBound, $1.offset)
        }.map { $0.element }
    }

    public var hasFaults: Bool { list.contains { $0.severity == .fault } }

    /// The same list with every doubt a fault.
    public var strict: Diagnostics {
        Diagnostics(
            source, list.map { Diagnostic(.fault, $0.range, $0.message, label: $0.label, help: $0.help) })
    }

    /// For a person: a block each of place, message, line with carets and help.
    public var description: String {
        list.map { diagnostic in
            if source.bytes.isEmpty {
                return
                    "\(source.name.visible): \(diagnostic.severity.rawValue): \(diagnostic.message.visible)"
            }
            let place = source.place(of: diagnostic.range.lowerBound)
            let excerpt = source.excerpt(of: diagnostic.range, label: diagnostic.label?.visible)
            var lines = [
                "\(source.name.visible):\(place): "
                    + "\(diagnostic.severity.rawValue): \(diagnostic.message.visible)"
            ]
            lines += excerpt.split(separator: "\n").map { "  " + $0 }
            if let help = diagnostic.help { lines.append("  help: \(help.visible)") }
            return lines.joined(separator: "\n")
        }.joined(separator: "\n")
    }

    /// For an editor or a script: a list of objects.
    public var json: JSONValue {
        .array(
            list.map { diagnostic in
                let start = source.place(of: diagnostic.range.lowerBound)
                let end = source.place(of: diagnostic.range.upperBound)
                return [
                    "file": .string(source.name),
                    "line": .integer(start.line), "column": .integer(start.column),
                    "end_line": .integer(end.line), "end_column": .integer(end.column),
                    "severity": .string(diagnostic.severity.rawValue),
                    "message": .string(diagnostic.message),
                    "label": diagnostic.label.map { .string($0) } ?? .null,
                    "help": diagnostic.help.map { .string($0) } ?? .null,
                ]
            })
    }
}

extension SourceText {
    /// The text as JSON; a syntax error is thrown with its place.
    package func json() throws(Diagnostics) -> JSONNode {
        do { return try JSONReader.read(bytes) } catch { throw Diagnostics(self, [error.diagnostic]) }
    }
}
