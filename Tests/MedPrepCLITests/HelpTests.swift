import MedPrep
import MedPrepTestSupport
import Testing

@Suite("medprep: help") struct HelpTests {
    private let medprep = Program()

    /// Beside this file.
    private func snapshot(_ name: String) throws -> String {
        let here = ScanPath(#filePath).folder.appending("Snapshots/\(name).txt")
        return String(decoding: try readWhole(here), as: UTF8.self)
    }

    @Test(
        "--help is the text of the snapshot",
        arguments: ["", "run", "validate", "inspect", "check", "operators"])
    func help(command: String) throws {
        let result = command.isEmpty ? medprep("--help") : medprep(command, "--help")
        #expect(result.status == 0)
        #expect(result.errors == "")
        #expect(result.output == (try snapshot(command.isEmpty ? "medprep" : command)))
    }

    @Test("--version is the version alone")
    func version() {
        #expect(medprep("--version").output == medprepVersion + "\n")
    }

    @Test("starts fast: full Foundation and its ICU, some 40 MB, are not loaded")
    func libraries() {
        var list = Program()
        list.executable = "ldd"
        let libraries = list(Program.path).output
        #expect(libraries.contains("libisal"))
        for heavy in ["libFoundation.so", "libFoundationInternationalization", "lib_FoundationICU"] {
            #expect(!libraries.contains(heavy))
        }
    }

    @Test(
        "usage errors end with 64 and say so on stderr",
        arguments: [
            ["run"], ["run", "p.json", "--jobs", "0"], ["run", "p.json", "--jobs", "9223372036854775807"],
            ["run", "p.json", "--memory", "lots"], ["walk"],
            ["run", "p.json", "--resume", "--overwrite"], ["run", "p.json", "--max-failures=-1"], ["inspect"],
            ["operators", "zscor"],
        ])
    func usage(arguments: [String]) {
        let result = medprep(arguments)
        #expect(result.status == 64)
        #expect(result.output == "")
        #expect(result.errors.hasPrefix("Error: "))
    }

    @Test("operators lists one line a step")
    func list() {
        let result = medprep("operators")
        #expect(result.status == 0)
        let lines = result.output.split(separator: "\n")
        let names = Catalog.all.map { $0.name } + Catalog.functions.map { $0.name }
        #expect(lines.count == names.count)
        for (line, name) in zip(lines, names) { #expect(line.hasPrefix(name + " ")) }
    }

    @Test("operators NAME tells every parameter")
    func one() {
        let result = medprep("operators", "batch_norm")
        #expect(result.status == 0)
        for parameter in BatchNorm.card.parameters { #expect(result.output.contains(parameter.keys[0])) }
        #expect(medprep("operators", "zscor").errors.contains("did you mean \"zscore\"?"))
    }

    @Test("operators tells of a function what a pipeline uses instead")
    func function() {
        let result = medprep("operators", "weight_norm")
        #expect(result.output.contains("no step    \(WeightNorm.useInstead)"))
    }

    @Test("operators --schema is the schema that lies beside the pipelines")
    func schema() {
        #expect(medprep("operators", "--schema").output == Repository.text("Pipelines/pipeline.schema.json"))
    }

    @Test("operators --json is JSON with every step")
    func json() throws {
        let result = medprep("operators", "--json")
        let json = try JSONReader.read(Array(result.output.utf8)).value
        let names = Catalog.all.map { $0.name } + Catalog.functions.map { $0.name }
        #expect(json.array?.map { $0["name"]?.string ?? $0["op"]?.string } == names)
    }
}
