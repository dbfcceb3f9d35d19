import Glibc
import MedPrep
import MedPrepCore
import MedPrepIO
import MedPrepTestSupport
import Testing

/// A folder with scans in `in`, pipelines that read them, and what runs leave in `out`.
final class RunLab {
    let folder = TemporaryFolder()

    /// A float scan of skewed noise. Names that end in `.gz` are compressed.
    func scan(
        _ name: String, sizes: [Int] = [6, 5, 4], seed: UInt64 = 1, mean: Double = 100, spread: Double = 20,
        _ change: (inout NIfTIBuilder) -> Void = { _ in }
    ) {
        let count = sizes.reduce(1, *)
        let values = Tensor.random(Shape(d: 1, h: 1, w: count), seed: seed, mean: mean, spread: spread).values
        var file = NIfTIBuilder(.float32, sizes: sizes, values: values.map(Double.init))
        change(&file)
        write(file, to: name)
    }

    /// A scan of these very values.
    func scan(_ name: String, _ type: ElementType, sizes: [Int], values: [Double]) {
        write(NIfTIBuilder(type, sizes: sizes, values: values), to: name)
    }

    private func write(_ file: NIfTIBuilder, to name: String) {
        folder.write(name.hasSuffix(".gz") ? NIfTIBuilder.gzip(file.file) : file.file, to: "in/\(name)")
    }

    /// Scans `s0.nii` … of one size and different brightness.
    func scans(_ count: Int, sizes: [Int] = [6, 5, 4]) {
        for index in 0..<count {
            scan(
                "s\(index).nii", sizes: sizes, seed: UInt64(index + 1), mean: 90 + 7 * Double(index),
                spread: 20 + Double(index))
        }
    }

    /// A pipeline of these steps from `in` to `out`; the texts are members of JSON objects.
    func pipeline(
        _ steps: String, input: String = "", output: String = "", more: String = ""
    ) throws -> Pipeline {
        func rest(_ text: String) -> String { text.isEmpty ? "" : ", " + text }
        let text = """
            {"input": {"folder": "in"\(rest(input))}, "steps": [\(steps)],
             "output": {"folder": "out"\(rest(output))}\(rest(more))}
            """
        let (pipeline, diagnostics) = PipelineFile.decode(
            Array(text.utf8), name: "pipeline.json", folder: folder.path)
        if diagnostics.hasFaults { Issue.record("\(diagnostics)") }
        return try #require(pipeline)
    }

    /// Plans and runs.
    @discardableResult
    func run(
        _ pipeline: Pipeline, to output: String? = nil, jobs: Int = 2, stopAfter limit: Int = .max,
        _ change: (inout Run.Options) -> Void = { _ in }
    ) throws -> Run.Outcome {
        var options = Run.Options()
        options.jobs = jobs
        options.outputFolder = output.map { folder.file($0) }
        change(&options)
        let run = Run(pipeline, options)
        var finished = 0
        return try run.start(
            run.plan(), isCancelled: { finished >= limit },
            onEvent: { event in
                if case .finished = event { finished += 1 }
            })
    }

    /// Every file of an output folder but the lock; JSON without `timing`.
    func results(_ output: String = "out") throws -> [String: [UInt8]] {
        var results: [String: [UInt8]] = [:]
        for name in folder.files(below: output) where name != ".medprep.lock" {
            let bytes = folder.read("\(output)/\(name)")
            results[name] = name.hasSuffix(".json") ? try withoutTiming(bytes) : bytes
        }
        return results
    }

    private func withoutTiming(_ bytes: [UInt8]) throws -> [UInt8] {
        let json = try JSONReader.read(bytes).value
        let members = json.members ?? []
        return Array(JSONValue.object(members.filter { $0.key != "timing" }).text().utf8)
    }

    func json(_ name: String) throws -> JSONValue { try JSONReader.read(folder.read(name)).value }

    func text(_ name: String) -> String { String(decoding: folder.read(name), as: UTF8.self) }

    /// The voxels of a written volume.
    func volume(_ name: String) throws -> Volume {
        try NIfTIReader().read(ScanPath(folder.file(name))).volume
    }

    func remove(_ name: String) { unlink(folder.file(name)) }
}

/// Names of the files where two results differ, or that one of them lacks.
func differences(_ one: [String: [UInt8]], _ other: [String: [UInt8]]) -> [String] {
    Set(one.keys).union(other.keys).filter { one[$0] != other[$0] }.sorted()
}

/// What a run throws.
func runError(_ body: () throws -> Void) -> RunError? {
    do {
        try body()
        return nil
    } catch { return error as? RunError }
}
