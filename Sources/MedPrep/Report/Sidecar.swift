internal import MedPrepCore
internal import MedPrepIO

/// The JSON beside a case's outputs. It is written last, so it says: this case is done.
enum Sidecar {
    /// What must be equal for a written case to count as done.
    struct Key: Hashable, Sendable {
        let pipelineHash: String
        /// Of what a first pass over the data set learned; nil where nothing is.
        let statisticsHash: String?
        let inputs: [Input]
        /// The cases of its batch, where a step learns from batches.
        let batch: [String]?
    }

    /// One file of a case as it lay on disk.
    struct Input: Hashable, Sendable {
        let role: String
        let name: String
        /// Below the input folder.
        let path: String
        /// Bytes on disk; of a pair both files together.
        let size: Int
        /// Nanoseconds since 1970; of a pair both.
        let modified: [Int]
    }

    /// One output file.
    struct Output: Hashable, Sendable {
        /// Below the output folder.
        let path: String
        let size: Int
        /// Of the decoded bytes.
        let crc32: UInt32
        let description: [JSONValue.Member]
    }

    /// What was read of one input.
    struct Reading: Sendable {
        let crc32: UInt32
        let sha256: String?
        let description: [JSONValue.Member]
    }

    static func json(
        case name: String, key: Key, readings: [Reading], work: FinishedWork, outputs: [Output],
        timing: [JSONValue.Member]
    ) -> JSONValue {
        let inputs = zip(key.inputs, readings).map { (input, reading) in
            JSONValue.object(
                [
                    .init("role", .string(input.role)), .init("name", .string(input.name)),
                    .init("path", .string(input.path)), .init("size", .integer(input.size)),
                    .init("crc32", .string(hex(reading.crc32))),
                ] + (reading.sha256.map { [.init("sha256", .string($0))] } ?? []) + reading.description)
        }
        let written = outputs.map { output in
            JSONValue.object(
                [
                    .init("path", .string(output.path)), .init("size", .integer(output.size)),
                    .init("crc32", .string(hex(output.crc32))),
                ] + output.description)
        }
        return .object(
            [
                .init("medprep", .string(medprepVersion)),
                .init("case", .string(name)),
                .init("pipeline_hash", .string(key.pipelineHash)),
                .init("statistics_hash", key.statisticsHash.map { .string($0) } ?? .null),
                .init("batch", key.batch.map { .array($0.map { .string($0) }) } ?? .null),
                .init("input", .array(inputs)),
                .init("source", work.source),
                .init("steps", .array(work.records)),
                .init("result", work.result),
                .init("output", .array(written)),
                .init("findings", .array(work.findings.map(\.json))),
                .init(
                    "timing",
                    .object([.init("modified", .integers(key.inputs.flatMap(\.modified)))] + timing)),
            ])
    }

    /// True when `sidecar` was written for the same inputs, settings and version.
    static func matches(_ sidecar: JSONValue, _ key: Key) -> Bool {
        guard sidecar["medprep"]?.string == medprepVersion,
            sidecar["pipeline_hash"]?.string == key.pipelineHash,
            sidecar["statistics_hash"]?.string == key.statisticsHash,
            sidecar["batch"]?.array?.compactMap(\.string) == key.batch,
            let inputs = sidecar["input"]?.array, inputs.count == key.inputs.count,
            sidecar["timing"]?["modified"]?.array?.compactMap(\.int) == key.inputs.flatMap(\.modified)
        else { return false }
        return zip(inputs, key.inputs).allSatisfy { (written, input) in
            written["role"]?.string == input.role && written["name"]?.string == input.name
                && written["path"]?.string == input.path && written["size"]?.int == input.size
        }
    }

    /// What it says of one step; nil where it says nothing.
    static func record(_ sidecar: JSONValue, step index: Int) -> JSONValue? {
        guard let records = sidecar["steps"]?.array, records.indices.contains(index) else { return nil }
        return records[index]
    }

    /// The output files it vouches for; nil where it cannot be understood.
    static func outputs(of sidecar: JSONValue) -> [Output]? {
        guard let files = sidecar["output"]?.array else { return nil }
        let outputs = files.compactMap { file -> Output? in
            guard let path = file["path"]?.string, let size = file["size"]?.int,
                let crc32 = file["crc32"]?.string.flatMap({ UInt32($0, radix: 16) })
            else { return nil }
            return Output(path: path, size: size, crc32: crc32, description: [])
        }
        return outputs.count == files.count ? outputs : nil
    }

    static func hex(_ crc32: UInt32) -> String {
        let digits = String(crc32, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}

/// What the steps left to tell when the volumes are gone.
struct FinishedWork: Sendable {
    let source: JSONValue
    let records: [JSONValue]
    let result: JSONValue
    var findings: [Finding]
}
