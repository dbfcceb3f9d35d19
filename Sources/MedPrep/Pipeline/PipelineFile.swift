internal import MedPrepCore
internal import MedPrepIO
internal import MedPrepOperators

/// Reads a pipeline file: every fault and doubt at once, each with its place.
public enum PipelineFile {
    /// The pipeline, or what is wrong; with doubts, both.
    public static func read(_ path: String) -> (pipeline: Pipeline?, diagnostics: Diagnostics) {
        let bytes: [UInt8]
        do throws(FileError) { bytes = try readWhole(ScanPath(path)) } catch {
            let source = SourceText(name: path, bytes: [])
            let message = "cannot read the pipeline file: \(error.plainReason)"
            return (nil, Diagnostics(source, [Diagnostic(.fault, 0..<0, message)]))
        }
        // Its bytes: the description of a path is for people, with what does not show escaped.
        let folder = String(decoding: ScanPath(path).folder.bytes, as: UTF8.self)
        return decode(bytes, name: path, folder: folder)
    }

    /// - Parameters:
    ///   - name: what messages call the file.
    ///   - folder: where its relative paths start.
    public static func decode(
        _ bytes: [UInt8], name: String, folder: String = "."
    ) -> (pipeline: Pipeline?, diagnostics: Diagnostics) {
        let source = SourceText(name: name, bytes: bytes)
        let node: JSONNode
        do throws(Diagnostics) { node = try source.json() } catch { return (nil, error) }
        var cursor = JSONCursor(node, name: "the pipeline")
        var pipeline = Pipeline()
        pipeline.folder = folder.isEmpty ? "." : folder
        var steps: JSONNode?
        let _: Void? = cursor.object { top in
            if let input = top.optional("input", { $0.object { decodeInput(&$0) } }) {
                pipeline.input = input
            }
            top.required("steps", help: "write \"steps\": [] for a pipeline that only converts") { list in
                steps = list.node
                var index = 0
                let decoded = list.list { step in
                    defer { index += 1 }
                    return decodeStep(&step, index: index)
                }
                if let decoded { pipeline.steps = decoded }
            }
            if let batch = top.optional("batch", { $0.object { decodeBatch(&$0) } }) {
                pipeline.batch = batch
            }
            if let output = top.optional("output", { $0.object { decodeOutput(&$0) } }) {
                pipeline.output = output
            }
            if let report = top.optional("report", { $0.object { decodeReport(&$0) } }) {
                pipeline.report = report
            }
            return ()
        }
        var found = cursor.diagnostics
        // A wrong step does not hide what is wrong with the others; a wrong input would make faults of good steps.
        if let steps, let nodes = steps.items,
            !found.contains(where: { $0.severity == .fault && !steps.range.contains($0.range.lowerBound) })
        {
            found += PipelineChecks(pipeline, nodes: nodes).diagnostics
        }
        let diagnostics = Diagnostics(source, found)
        return (diagnostics.hasFaults ? nil : pipeline, diagnostics)
    }

    private static func decodeStep(_ cursor: inout JSONCursor, index: Int) -> Pipeline.Step? {
        guard let members = cursor.node.members else {
            cursor.refuse(
                "\(cursor.name) is \(cursor.node.value.kind); a step like {\"op\": \"zscore\"} is expected")
            return nil
        }
        guard let op = cursor.node.member("op") else {
            cursor.refuse("\(cursor.name) has no \"op\"", help: "name the step: {\"op\": \"zscore\"}")
            return nil
        }
        guard case .string(let name) = op.node.content else {
            cursor.note(
                Diagnostic(
                    .fault, op.node.range, "\"op\" is \(op.node.value.kind); the name of a step is expected"))
            return nil
        }
        if let function = Catalog.functions.first(where: { $0.name == name }) {
            cursor.note(
                Diagnostic(
                    .fault, op.node.range, "\"\(name)\" is a function of the library, not a step",
                    help: function.useInstead))
            return nil
        }
        guard let type = Catalog.type(named: name) else {
            let near = nearest(to: name, in: Catalog.names).map { "did you mean \"\($0)\"?" }
            cursor.note(
                Diagnostic(
                    .fault, op.node.range, "unknown step \"\(name)\"", label: "no step has this name",
                    help: near ?? "medprep operators lists them all"))
            return nil
        }
        let before = cursor.diagnostics.count
        cursor.refuseDoubledKeys()
        guard cursor.diagnostics.count == before else { return nil }
        let written = members.filter { $0.key != "op" && !$0.isComment }
        do throws(ParameterErrors) {
            let operation = try make(type, written.map { .init($0.key, $0.node.valueWithoutComments) })
            return Pipeline.Step(index: index, operation: operation)
        } catch {
            for fault in error.faults { cursor.note(diagnostic(fault, name, cursor.node, op.node)) }
            return nil
        }
    }

    private static func make(
        _ type: any Operator.Type, _ members: [JSONValue.Member]
    ) throws(ParameterErrors) -> any Operator {
        try type.init(parameters: members)
    }

    /// A parameter's fault at the place of its value; of its key, where the key is wrong; of `op`, where it is missing.
    private static func diagnostic(
        _ fault: ParameterError, _ name: String, _ step: JSONNode, _ op: JSONNode
    ) -> Diagnostic {
        let member = fault.keys.lazy.compactMap { step.member($0) }.first
        let message = "\(name): \(fault)"
        switch fault {
        case .unknown(let key, let known):
            let near = nearest(to: key, in: known).map { "did you mean \"\($0)\"?" }
            let all =
                known.isEmpty
                ? "\(name) has no parameters" : "its parameters: \(known.joined(separator: ", "))"
            return Diagnostic(.fault, member?.keyRange ?? op.range, message, help: near ?? all)
        case .noSuffix, .bothSpellings:
            return Diagnostic(.fault, member?.keyRange ?? op.range, message)
        case .missing:
            return Diagnostic(
                .fault, op.range, message, help: "medprep operators \(name) tells what it needs")
        case .wrongForm, .outOfRange, .conflict:
            return Diagnostic(.fault, member?.node.range ?? op.range, message)
        }
    }
}

extension FileError {
    /// Without the word for a scan.
    fileprivate var plainReason: String {
        switch self {
        case .notAFile(let kind): "this is \(kind)"
        case .failed where isMissing: "there is no such file"
        default: description.replacing(" the scan", with: "")
        }
    }
}
