internal import MedPrepCore
internal import MedPrepIO

/// The keys beside `steps`.
extension PipelineFile {
    static func decodeInput(_ members: inout JSONMembers) -> Pipeline.Input? {
        var input = Pipeline.Input()
        input.folder = members.optional("folder") { $0.string() }
        input.pattern = members.optional("pattern") { $0.string() }
        input.images = members.optional("images") { patterns(&$0) } ?? []
        input.labels = members.optional("labels") { patterns(&$0) } ?? []
        input.masks = members.optional("masks") { patterns(&$0) } ?? []
        if let axis = members.optional("fourth_axis", { $0.choice(FourthAxis.self) }) {
            input.fourthAxis = axis
        }
        if let policy = members.optional("nonfinite", { $0.choice(Nonfinite.self) }) {
            input.nonfinite = policy
        }
        if let range = members.keyRange("pattern"), !input.images.isEmpty {
            members.cursor.note(
                Diagnostic(
                    .fault, range, "\"pattern\" and \"images\" exclude each other",
                    help: "\"images\" picks the files itself; leave \"pattern\" out"))
        }
        for key in ["labels", "masks"] {
            if let range = members.keyRange(key), input.images.isEmpty {
                members.cursor.note(
                    Diagnostic(
                        .fault, range, "\"\(key)\" needs \"images\"",
                        help:
                            "write \"images\": {\"image\": \"{case}/*.nii.gz\"}, so that files of one case find each other"
                    ))
            }
        }
        let names = (input.images + input.labels + input.masks).map(\.name)
        for (index, name) in names.enumerated() where names[..<index].contains(name) {
            members.cursor.refuse(
                "the name \"\(name)\" stands twice under images, labels and masks", help: "rename one")
        }
        return input
    }

    /// Names and patterns, in the order written.
    private static func patterns(_ cursor: inout JSONCursor) -> [Pipeline.NamedPattern]? {
        guard let members = cursor.dictionary({ $0.string() }) else { return nil }
        for (name, range, _) in members where !isPlainName(name) {
            cursor.note(
                Diagnostic(
                    .fault, range, "the name \"\(name)\" cannot be part of a file name",
                    help: "use letters, digits, \"-\" and \".\""))
        }
        return members.map { Pipeline.NamedPattern(name: $0.key, pattern: $0.value) }
    }

    private static func isPlainName(_ name: String) -> Bool {
        !name.isEmpty && name.first != "." && name.utf8.count <= 64
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                    || "-_.".utf8.contains(byte)
            }
    }

    static func decodeBatch(_ members: inout JSONMembers) -> Pipeline.Batch? {
        var batch = Pipeline.Batch()
        if let size = members.optional("size", { $0.int(in: 1...4096) }) { batch.size = size }
        if let drops = members.optional("drop_last", { $0.bool() }) { batch.dropsLast = drops }
        return batch
    }

    static func decodeReport(_ members: inout JSONMembers) -> Pipeline.Report? {
        var report = Pipeline.Report()
        if let json = members.optional("json", { $0.bool() }) { report.json = json }
        if let sha256 = members.optional("sha256", { $0.bool() }) { report.sha256 = sha256 }
        return report
    }
}
