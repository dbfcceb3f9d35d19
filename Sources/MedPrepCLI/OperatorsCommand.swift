internal import ArgumentParser
internal import MedPrep

struct OperatorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operators", abstract: "List the steps a pipeline may have, or tell all about one.")

    @Argument(help: "The step to tell about; all, in one line each, without it.")
    var name: String?

    @Flag(name: .long, help: "As JSON.")
    var json = false

    @Flag(name: .long, help: "All of them as a Markdown table.")
    var markdown = false

    func validate() throws {
        if markdown && (name != nil || json) { throw ValidationError("--markdown stands alone.") }
    }

    func run() throws {
        if markdown {
            print(OperatorDescription.markdownTable, terminator: "")
            return
        }
        var types = Catalog.all
        if let name {
            types = types.filter { $0.name == name }
            guard !types.isEmpty else {
                let hint = nearest(to: name, in: Catalog.names).map { "; did you mean \"\($0)\"?" } ?? ""
                throw ValidationError("no step is called \"\(name)\"\(hint)")
            }
        }
        let descriptions = types.map(OperatorDescription.init)
        if json {
            print(JSONValue.array(descriptions.map(\.json)).text())
        } else if name != nil {
            print(descriptions.map(\.text).joined(separator: "\n"), terminator: "")
        } else {
            print(descriptions.map(\.line).joined(separator: "\n"))
        }
    }
}
