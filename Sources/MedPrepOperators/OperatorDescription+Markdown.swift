internal import MedPrepCore

extension OperatorDescription {
    /// A table for documents: one row a step, with its parameters and their defaults.
    public static func markdown(_ descriptions: [OperatorDescription]) -> String {
        let rows = descriptions.map { description in
            let parameters = description.parameters.map { parameter in
                "`\(parameter.key)`" + (parameter.defaultValue.map { " \(cell($0.line))" } ?? " (required)")
            }
            return [
                "`\(description.name)`", cell(description.summary), parameters.joined(separator: ", "),
                cell(description.sameAs),
            ]
        }
        let heading = ["step", "what it does", "parameters and defaults", "same as"]
        return ([heading, heading.map { _ in "---" }] + rows)
            .map { "| \($0.joined(separator: " | ")) |\n" }.joined()
    }

    /// A bar would end the cell.
    private static func cell(_ text: String) -> String {
        text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
