internal import MedPrepCore
internal import MedPrepIO

/// The key `output`, and which of its options go together.
extension PipelineFile {
    static func decodeOutput(_ members: inout JSONMembers) -> Pipeline.Output? {
        var output = Pipeline.Output()
        output.folder = members.optional("folder") { $0.string() }
        if let format = members.optional("format", { $0.choice(Pipeline.OutputFormat.self) }) {
            output.format = format
        }
        if let dtype = members.optional("dtype", { $0.choice(Pipeline.DType.self) }) { output.dtype = dtype }
        if let compression = members.optional("compression", { compression(&$0) }) {
            output.compression = compression
        }
        if let layout = members.optional("layout", { $0.choice(Pipeline.Layout.self) }) {
            output.layout = layout
        }
        if let channels = members.optional("channels", { $0.choice(Pipeline.Channels.self) }) {
            output.channels = channels
        }
        if let keeps = members.optional("keep_header_text", { $0.bool() }) { output.keepsHeaderText = keeps }
        if let names = members.optional("names", { $0.choice(Pipeline.Names.self) }) { output.names = names }
        checkFormat(output, &members)
        return output
    }

    /// Options that the format does not have.
    private static func checkFormat(_ output: Pipeline.Output, _ members: inout JSONMembers) {
        let format = output.format.rawValue
        if let range = members.keyRange("layout"), output.format.isNIfTI {
            members.cursor.note(
                Diagnostic(
                    .fault, range,
                    "\"layout\" is for the formats \"npy\", \"npz\" and \"safetensors\"; NIfTI always puts channels on axis 4",
                    help: "leave it out"))
        }
        if let range = members.keyRange("dtype") {
            if output.dtype == .float16, output.format.isNIfTI {
                members.cursor.note(
                    Diagnostic(
                        .fault, range, "NIfTI has no float16, and the format is \"\(format)\"",
                        help:
                            "\"int16\" is as small, with the largest error in the report; \"npy\", \"npz\" and \"safetensors\" have float16"
                    ))
            } else if output.dtype == .int16, !output.format.isNIfTI {
                members.cursor.note(
                    Diagnostic(
                        .fault, range,
                        "\"int16\" needs the scaling of a NIfTI header, and the format is \"\(format)\"",
                        help: "\"float16\" is as small; \"nii.gz\" and \"nii\" have int16"))
            }
        }
        guard output.keepsHeaderText, let range = members.keyRange("keep_header_text") else { return }
        if !output.format.isNIfTI {
            members.cursor.note(
                Diagnostic(
                    .fault, range,
                    "\"keep_header_text\" is for NIfTI; the format \"\(format)\" has no place for such text",
                    help: "leave it out"))
        } else if output.names == .hashed {
            members.cursor.note(
                Diagnostic(
                    .doubt, range, "names are hashed, but the header text that is kept may hold them",
                    help: "leave one of them out"))
        }
    }

    private static func compression(_ cursor: inout JSONCursor) -> Compression? {
        if case .string = cursor.node.content {
            switch cursor.choice(of: ["fast", "balanced", "none"]) {
            case "fast": return .fast
            case "balanced": return .balanced
            case "none": return Compression.none
            default: return nil
            }
        }
        return cursor.int(in: 1...9).map { .level($0) }
    }
}
