internal import ArgumentParser
internal import MedPrep

struct OperatorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operators", abstract: "List the steps a pipeline may have, or tell all about one.")

    @Argument(help: "The step to tell about; all, in one line each, without it.")
    var name: String?

    @Flag(exclusivity: .exclusive, help: "In which form.")
    var form: Form?

    enum Form: String, EnumerableFlag {
        case json, schema, markdown

        static func help(for value: Form) -> ArgumentHelp? {
            switch value {
            case .json: "As JSON."
            case .schema: "The JSON Schema of the whole pipeline file, for editors."
            case .markdown: "All of them as a Markdown table."
            }
        }
    }

    func validate() throws {
        if form == .markdown && name != nil { throw ValidationError("--markdown stands alone.") }
    }

    func run() throws {
        var types = Catalog.all + Catalog.functions
        if let name {
            types = types.filter { $0.name == name }
            guard !types.isEmpty else {
                let names = (Catalog.all + Catalog.functions).map { $0.name }
                let hint = nearest(to: name, in: names).map { "; did you mean \"\($0)\"?" } ?? ""
                throw ValidationError("no step is called \"\(name)\"\(hint)")
            }
        }
        let descriptions = types.map { OperatorDescription($0) }
        switch form {
        case .json: print(JSONValue.array(descriptions.map(\.json)).text())
        case .schema: print((name == nil ? PipelineSchema.json : descriptions[0].schema).text())
        case .markdown: print(OperatorDescription.markdownTable, terminator: "")
        case nil where name != nil: print(descriptions.map(\.text).joined(separator: "\n"), terminator: "")
        case nil: print(descriptions.map(\.line).joined(separator: "\n"))
        }
    }
}
