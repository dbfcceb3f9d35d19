import MedPrepIO

/// A pattern, a line break, a path.
extension Target {
    static let pattern = Target(
        name: "pattern",
        seeds: {
            [
                "**/*.nii.gz\na/b/c.nii.gz", "{case}/*T1w*\nsub-01/x_T1w.nii", "{a}/{a}_?.nii\nab/ab_c.nii",
                "a\na",
            ]
            .map { Array($0.utf8) }
        },
        words: {
            ["**/", "*", "**", "?", "{case}", "{a}", "/", "T1w", ".nii.gz", "ä"].map { Array($0.utf8) }
        },
        run: { bytes in
            let parts = bytes.split(separator: 10, maxSplits: 1)
            guard let first = parts.first else { return }
            do throws(PathPatternError) {
                let pattern = try PathPattern(String(decoding: first, as: UTF8.self))
                let path = ScanPath(bytes: Array(parts.last ?? first))
                let values = try pattern.match(path)
                expect(values == nil || values?.count == pattern.placeholders.count, "a value each")
                expect(values?.contains { $0.isEmpty } != true, "no empty value")
                expect(!path.description.contains("\n"), "a path shows on one line")
            } catch {
                expect(!"\(error)".isEmpty, "a refusal has a sentence")
            }
        })
}
