internal import MedPrepCore
internal import MedPrepIO
internal import MedPrepOperators

extension Pipeline {
    /// SHA-256 of everything that can change a voxel or a byte of an output: steps with all defaults filled in, the
    /// options of `input`, `batch` and `output`, the content of the files that steps name. Folders, comments,
    /// `report`, jobs and memory are not in it.
    func hash(fileDigests: [String: String]) -> String {
        func patterns(_ named: [NamedPattern]) -> JSONValue {
            .object(named.map { .init($0.name, .string($0.pattern)) })
        }
        let json: JSONValue = [
            "input": [
                "pattern": input.pattern.map { .string($0) } ?? .null,
                "images": patterns(input.images), "labels": patterns(input.labels),
                "masks": patterns(input.masks),
                "fourth_axis": .string(input.fourthAxis.rawValue),
                "nonfinite": .string(input.nonfinite.rawValue),
            ],
            "steps": .array(
                steps.map { .object([.init("op", .string($0.operation.name))] + $0.operation.parameters) }),
            "batch": ["size": .integer(batch.size), "drop_last": .bool(batch.dropsLast)],
            "output": [
                "format": .string(output.format.rawValue), "compression": output.compression.json,
                "layout": .string(output.layout.rawValue), "channels": .string(output.channels.rawValue),
                "dtype": .string(output.dtype.rawValue), "keep_header_text": .bool(output.keepsHeaderText),
                "names": .string(output.names.rawValue),
            ],
            "files": .object(fileDigests.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) }),
        ]
        return FileDigest.sha256(of: Array(json.line.utf8))
    }
}

extension Compression {
    /// As the pipeline file spells it.
    var json: JSONValue {
        switch self {
        case .fast: "fast"
        case .balanced: "balanced"
        case .level(let level): .integer(level)
        case .none: "none"
        }
    }
}
