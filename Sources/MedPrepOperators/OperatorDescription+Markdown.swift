internal import MedPrepCore

extension OperatorDescription {
    /// The table of all steps in README: name, what it does, parameters with their defaults.
    public static var markdownTable: String {
        let rows = Catalog.all.map { OperatorDescription($0).markdownRow }
        return "| Step | What it does | Parameters and their defaults |\n| --- | --- | --- |\n"
            + rows.joined()
    }

    private var markdownRow: String {
        let listed = parameters.map { parameter in
            "`\(parameter.key)` \(parameter.defaultValue?.line ?? "required")"
        }
        let cells = ["`\(name)`", summary, listed.joined(separator: ", ")]
        return "| " + cells.map { $0.split(separator: "|").joined(separator: "\\|") }.joined(separator: " | ")
            + " |\n"
    }
}
