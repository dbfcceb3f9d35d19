import MedPrepCore
import MedPrepTestSupport
import Testing

/// The codes of refusals and findings: each that is emitted is in the list, and each in the list is tested and shown.
@Suite("Codes") struct CodesTests {
    private static func swiftFiles(below folder: String) -> [String] {
        Repository.entries(folder).flatMap { name -> [String] in
            let path = "\(folder)/\(name)"
            if name.hasSuffix(".swift") { return [path] }
            return name.contains(".") ? [] : swiftFiles(below: path)
        }
    }

    @Test("a code that is written as text anywhere in the sources is in the list")
    func literals() {
        let codes = Set(Refusal.allCases.map(\.rawValue))
        var found = 0
        for file in Self.swiftFiles(below: "Sources") {
            for part in Repository.text(file).split(separator: "code: \"").dropFirst() {
                let code = String(part.prefix { $0 != "\"" })
                // "\(…)" is no literal.
                if code.hasPrefix("\\") { continue }
                found += 1
                #expect(codes.contains(code), "\(file) refuses with \"\(code)\", which Refusal does not list")
            }
        }
        #expect(found > 3)
    }

    @Test("each code of the list is expected by a test")
    func tested() {
        let texts = Self.swiftFiles(below: "Tests").filter { !$0.hasSuffix("/CodesTests.swift") }.map(
            Repository.text)
        func isTested(_ code: String, _ name: String) -> Bool {
            texts.contains { text in
                ["\"\(code)\"", "\"\(code): ", ": \(code)\"", ".\(name),", ".\(name)]", ".\(name))"].contains
                {
                    text.contains($0)
                }
            }
        }
        // Nothing that a user or a file does leads to a fault of medprep's own.
        for refusal in Refusal.allCases where refusal != .internal {
            #expect(isTested(refusal.rawValue, "\(refusal)"), "no test expects \(refusal.rawValue)")
        }
        for code in Finding.Code.allCases {
            #expect(isTested(code.rawValue, "\(code)"), "no test expects \(code.rawValue)")
        }
    }

    @Test("each has a sentence of its own, and README shows it")
    func shown() {
        let readme = Repository.text("README.md")
        for (mark, table, meanings) in [
            ("refusals", Refusal.markdownTable, Refusal.allCases.map(\.meaning)),
            ("findings", Finding.Code.markdownTable, Finding.Code.allCases.map(\.meaning)),
        ] {
            #expect(Set(meanings).count == meanings.count)
            #expect(
                meanings.allSatisfy {
                    $0.hasSuffix(".") && $0.first?.isLetter == true || $0.hasPrefix("scl_")
                })
            let shown = readme.contains("<!-- \(mark) -->\n\(table)<!-- /\(mark) -->\n")
            #expect(shown, "put between the marks \(mark) of README:\n\(table)")
        }
    }
}
