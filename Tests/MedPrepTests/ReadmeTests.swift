import Glibc
import MedPrep
import MedPrepTestSupport
import Testing

/// README and CONTRIBUTING say what is true now: their commands run, their numbers and tables are the program's.
@Suite("README") struct ReadmeTests {
    private let readme = Repository.text("README.md")

    @Test("every medprep command runs, and prints the reports and numbers that README shows")
    func commands() throws {
        let copy = TemporaryFolder()
        let lines = CodeBlock.all(in: readme).filter { $0.language == "sh" }.flatMap {
            $0.text.split(separator: "\n")
        }
        let commands = lines.filter { $0.hasPrefix("medprep ") }
        #expect(commands.count > 8)
        #expect(
            lines.count == commands.count + 3,
            "main, tests and install are run by .ci/run and by hand; no others")
        let preparation =
            "cp -r '\(Repository.folder)/Pipelines' '\(Repository.folder)/SampleData' '\(copy.path)' && cd '\(copy.path)'"
        let program = try #require(programFolder)
        for command in commands {
            let (status, output) = shell("\(preparation) && PATH='\(program)':\"$PATH\" && \(command)")
            #expect(status == 0, "\(command): \(output)")
        }
        try compareNumbers(in: copy)
    }

    /// What the small-batch section shows, against the run just made.
    private func compareNumbers(in copy: TemporaryFolder) throws {
        let folder = "out/batch-size-1"
        let text = String(decoding: copy.read("\(folder)/report.json"), as: UTF8.self)
        let reported = Set(text.split(separator: "\n").map { $0.filter { $0 != " " } })
        for line in block(after: "report").split(separator: "\n") {
            #expect(reported.contains(line.filter { $0 != " " }), "report.json has no line \(line)")
        }
        let table = String(decoding: copy.read("\(folder)/summary.tsv"), as: UTF8.self)
        for row in block(after: "summary").split(separator: "\n") {
            #expect(table.contains(row + "\n"), "summary.tsv has no row \(row)")
        }
        for number in 1...8 {
            let name = "sub-0\(number)_T1w"
            let sidecar = try JSONReader.read(copy.read("\(folder)/\(name).json")).value
            let before = try #require(sidecar["source"]?["statistics"]?.array?.first)
            let after = try #require(sidecar["result"]?["statistics"]?.array?.first)
            let count = try #require(before["m_effective"]?.int)
            let (mean, variance) = (try decimals(before["mean"], 1), try decimals(before["var"], 0))
            let (meanAfter, varianceAfter) = (try decimals(after["mean"], 6), try decimals(after["var"], 6))
            let row = "| `\(name)` | \(count) | \(mean) | \(variance) | \(meanAfter) | \(varianceAfter) |"
            #expect(readme.contains(row), "README lacks \(row)")
        }
        let state = try JSONReader.read(copy.read("\(folder)/state.json")).value
        let running = state["steps"]?.array?.first?["state"]?["running_mean"]?.array?.first
        #expect(readme.contains("in `state.json`, is \(try decimals(running, 1)),"))
    }

    private func decimals(_ value: JSONValue?, _ places: Int) throws -> String {
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        // + 0 makes -0 a 0.
        let rounded = (try #require(value?.double) * scale).rounded() / scale + 0
        return JSONValue.number(rounded).line
    }

    /// The fenced block behind `<!-- mark -->`.
    private func block(after mark: String) -> String {
        let parts = readme.split(separator: "<!-- \(mark) -->", maxSplits: 1)
        return parts.count == 2 ? CodeBlock.all(in: String(parts[1])).first?.text ?? "" : ""
    }

    @Test("the table of steps is the catalog's")
    func operators() {
        let marked = "<!-- operators -->\n\(OperatorDescription.markdownTable)<!-- /operators -->\n"
        #expect(readme.contains(marked), "put the output of medprep operators --markdown between the marks")
    }

    @Test("every pipeline it shows is one")
    func pipelines() {
        let shown = CodeBlock.all(in: readme).filter { $0.language == "json" }
        #expect(shown.count == 2)
        for block in shown {
            let (pipeline, diagnostics) = PipelineFile.decode(Array(block.text.utf8), name: "README.md")
            #expect(pipeline != nil && diagnostics.list.isEmpty, "\(diagnostics)")
        }
    }

    @Test("the faults it shows are the ones that are found")
    func faults() {
        let text = """
            {
              "input": {"folder": "scans"},
              "steps": [
                {"op": "resampel", "spacing_ijk": [1, 1, 1]},
                {"op": "clip", "min": 80, "max": 0}
              ]
            }
            """
        let found = PipelineFile.decode(Array(text.utf8), name: "pipeline.json").diagnostics
        #expect(CodeBlock.all(in: readme).contains { $0.text == found.description + "\n" }, "\(found)")
    }

    @Test("every link leads to a file", arguments: ["README.md", "CONTRIBUTING.md"])
    func links(page: String) {
        let targets = Repository.text(page).split(separator: "](").dropFirst().compactMap {
            $0.split(separator: ")").first
        }
        #expect(targets.count > 2)
        for target in targets where !target.hasPrefix("http") {
            #expect(
                access("\(Repository.folder)/\(target)", R_OK) == 0,
                "\(page) links to \(target), which is not there")
        }
    }

    @Test("CONTRIBUTING shows the files as they are")
    func workedExample() {
        let shown = CodeBlock.all(in: Repository.text("CONTRIBUTING.md")).filter { $0.language == "swift" }
            .map(\.text)
        #expect(shown.count == 3)
        #expect(shown.first == Repository.text("Sources/MedPrepOperators/Intensity/Clip.swift"))
        #expect(Repository.text("Sources/MedPrepOperators/Catalog.swift").contains(shown[1]))
        #expect(Repository.text("Tests/MedPrepOperatorsTests/Intensity/ClipTests.swift").contains(shown[2]))
    }

    /// Where the program lies that was built with these tests.
    private var programFolder: String? {
        var path = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &path, path.count)
        guard count > 0 else { return nil }
        let file = String(decoding: path.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = file.split(separator: "/").dropLast().map { "/" + $0 }.joined()
        return access("\(folder)/medprep", X_OK) == 0 ? folder : nil
    }

    private func shell(_ line: String) -> (status: Int32, output: String) {
        guard let stream = popen("{ \(line)\n} 2>&1", "r") else { return (-1, "no shell") }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&part, 1, part.count, stream), count > 0 { bytes += part[..<count] }
        return (pclose(stream), String(decoding: bytes, as: UTF8.self))
    }
}
