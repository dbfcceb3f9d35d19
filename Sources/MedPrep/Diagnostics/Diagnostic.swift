/// One thing to say about a place in a file.
public struct Diagnostic: Hashable, Sendable {
    public let severity: Severity
    /// The bytes it is about.
    public let range: Range<Int>
    /// One line: what was found, what is expected.
    public let message: String
    /// A few words beside the caret.
    public let label: String?
    /// What to do.
    public let help: String?

    public init(
        _ severity: Severity, _ range: Range<Int>, _ message: String, label: String? = nil,
        help: String? = nil
    ) {
        (self.severity, self.range, self.message) = (severity, range, message)
        (self.label, self.help) = (label, help)
    }

    /// The text is what a message and JSON call it.
    public enum Severity: String, Sendable {
        /// The file is refused.
        case fault = "error"
        /// Probably not meant; a strict run refuses it.
        case doubt = "warning"
    }
}
