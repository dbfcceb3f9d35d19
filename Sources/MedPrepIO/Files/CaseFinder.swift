public import MedPrepCore

/// Sorts the scans of one walk into cases: pure functions on lists of paths.
package enum CaseFinder {
    /// The scans that one pattern picks, in the order given.
    package static func scans(
        _ pattern: PathPattern, in scans: [FoundScan]
    ) throws(PathPatternError) -> [FoundScan] {
        var found = [FoundScan]()
        for scan in scans where try pattern.match(scan.path) != nil { found.append(scan) }
        return found
    }

    /// One file of a case: what the pipeline calls it and where to find it.
    package struct Input: Hashable, Sendable {
        package let name: String
        package let pattern: PathPattern

        package init(_ name: String, _ pattern: PathPattern) { (self.name, self.pattern) = (name, pattern) }
    }

    /// What one subject has.
    package struct FoundCase: Sendable {
        /// The values of the placeholders, joined by `/`.
        package let name: ScanPath
        /// As many as there are inputs, in their order; nil where it is missing or doubled.
        package let files: [FoundScan?]
        /// Why the case fails, in the order of the inputs; empty for a whole case.
        package let faults: [CaseError]
    }

    /// One case for each value of the placeholders that any input has, in byte order of the names.
    package static func cases(
        _ inputs: [Input], in scans: [FoundScan]
    ) throws(PathPatternError) -> [FoundCase] {
        guard let first = inputs.first?.pattern else { return [] }
        for input in inputs {
            if input.pattern.placeholders.isEmpty { throw .noPlaceholder(input.pattern.text) }
            if input.pattern.placeholders.sorted() != first.placeholders.sorted() {
                throw .placeholdersDiffer(input.pattern.text, from: first.text)
            }
        }
        var found: [ScanPath: [[FoundScan]]] = [:]
        for (index, input) in inputs.enumerated() {
            // The values in the order of the first pattern, whatever this one's is.
            let order = first.placeholders.map { input.pattern.placeholders.firstIndex(of: $0) ?? 0 }
            for scan in scans {
                guard let values = try input.pattern.match(scan.path) else { continue }
                let name = ScanPath(bytes: order.map { values[$0] }.joined(separator: [UInt8(ascii: "/")]))
                found[name, default: Array(repeating: [], count: inputs.count)][index].append(scan)
            }
        }
        return found.sorted { $0.key < $1.key }.map { name, files in
            FoundCase(
                name: name, files: files.map { $0.count == 1 ? $0[0] : nil },
                faults: zip(inputs, files).compactMap { input, files in
                    switch files.count {
                    case 0: .missing(input.name, pattern: input.pattern.text)
                    case 1: nil
                    default: .doubled(input.name, files.map { $0.path }.sorted())
                    }
                })
        }
    }
}

/// Why a case is not whole. The caller adds its name.
public enum CaseError: RefusalError, Equatable {
    case missing(String, pattern: String)
    case doubled(String, [ScanPath])

    public var refusal: Refusal {
        switch self {
        case .missing: .missingFile
        case .doubled: .doubledFile
        }
    }
}

extension CaseError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .missing(let name, let pattern):
            "no file for \(name) (pattern \(pattern)); add the file, or correct the pattern"
        case .doubled(let name, let paths):
            "\(paths.count) files for \(name): \(paths.map { "\($0)" }.joined(separator: ", ")); "
                + "keep one, or make the pattern narrower"
        }
    }
}
