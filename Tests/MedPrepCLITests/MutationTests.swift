import MedPrep
import MedPrepCore
import MedPrepTestSupport
import Testing

/// Ten thousand damaged headers, streams and pipelines: each ends in a typed error or is read right, and no file
/// asks for memory that it cannot fill.
@Suite("Mutations") struct MutationTests {
    private static let seed: UInt64 = 20_261_121
    private let bench = Bench()

    private static let codes = Set(Refusal.allCases.map(\.rawValue))

    /// Scans of both versions and byte orders and of several types.
    private static let scans: [NIfTIBuilder] = [1, 2].flatMap { version in
        [false, true].flatMap { isBigEndian in
            [ElementType.int16, .float32, .uint8].map { type in
                let values = (0..<60).map { Double($0 * 7 % 120) }
                var builder = NIfTIBuilder(type, sizes: [5, 4, 3], values: values, isBigEndian: isBigEndian)
                (builder.version, builder.qformCode, builder.slope) = (version, 1, 2)
                builder.offset = [12.5, -40, 7.75]
                return builder
            }
        }
    }

    /// Every boundary number in every field, then chance.
    private static func headers(_ count: Int, _ mutator: inout Mutator) -> [[UInt8]] {
        var mutants = [[UInt8]]()
        for builder in scans where builder.datatype == 4 {
            for field in Mutator.fields(version: builder.version) {
                for number in Mutator.boundaries[field.size] ?? [] {
                    var bytes = builder.file
                    Mutator.put(
                        builder.isBigEndian ? number.reversed() : number, at: field.offset, in: &bytes)
                    mutants.append(bytes)
                }
            }
        }
        let files = scans.map(\.file)
        while mutants.count < count {
            mutants.append(mutator.mutated(mutator.pick(files), with: mutator.pick(files)))
        }
        return mutants
    }

    /// `inspect --stats --json` over a folder, in its order, and its peak of memory.
    private func inspect(_ folder: String) throws -> [JSONValue] {
        let result = bench.medprep("inspect", "--stats", "--json", folder)
        #expect(result.status == 1, "\(result.errors)")
        #expect(result.errors == "")
        #expect(Sanitizer.isOn || result.peakMemory <= 256 << 20, "\(result.peakMemory) bytes")
        return try #require(try JSONReader.read(Array(result.output.utf8)).value.array)
    }

    private func name(_ index: Int) -> String { "\(100_000 + index)" }

    @Test("4500 headers: a code of the list, or the numbers that are there")
    func headers() throws {
        print("seed \(Self.seed)")
        var mutator = Mutator(seed: Self.seed)
        let mutants = Self.headers(4500, &mutator)
        for (index, bytes) in mutants.enumerated() {
            bench.folder.write(bytes, to: "headers/\(name(index)).nii")
        }
        let entries = try inspect("headers")
        #expect(entries.count == mutants.count)
        var accepted = 0
        for (bytes, entry) in zip(mutants, entries) {
            let name = entry["path"]?.string ?? ""
            if let code = entry["error"]?["code"]?.string {
                #expect(Self.codes.contains(code), "\(name): \(code)")
                continue
            }
            accepted += 1
            let oracle = try #require(HeaderOracle(bytes), "\(name) is accepted: \(entry.line)")
            #expect(entry["voxel_count"]?.int == oracle.count, "\(name)")
            for (key, value) in [("first", oracle.first), ("last", oracle.last)] {
                let found = entry[key]?.double
                #expect(value.isFinite ? found == value : found == nil, "\(name) \(key) \(value)")
            }
        }
        #expect(accepted > 500 && accepted < mutants.count - 500)
    }

    @Test("3500 gzip streams: bad_gzip, or the numbers of a stream that is whole")
    func streams() throws {
        bench.scans(2, sizes: [9, 8, 7])
        bench.folder.write(Self.scans[0].file, to: "in/a.nii")
        var streams = [[UInt8]]()
        for compression in [#""fast""#, "6", #""none""#] {
            bench.write(
                #"{"input": {"folder": "in"}, "steps": [], "output": {"folder": "o\#(streams.count)", "compression": \#(compression)}}"#,
                to: "p.json")
            #expect(bench.medprep("run", "p.json", "--quiet").status == 0)
            streams += ["a", "s0", "s1"].map { bench.folder.read("o\(streams.count)/\($0).nii.gz") }
        }
        for (index, bytes) in streams.enumerated() {
            bench.folder.write(bytes, to: "whole/\(name(index)).nii.gz")
        }
        let whole = bench.medprep("inspect", "--stats", "--json", "whole")
        #expect(whole.status == 0)
        let keys = ["shape", "first", "last", "min", "max", "mean", "voxel_count", "affine", "datatype"]
        func numbers(_ entry: JSONValue) -> [String] { keys.map { entry[$0]?.line ?? "" } }
        let known = Set(try #require(try JSONReader.read(Array(whole.output.utf8)).value.array).map(numbers))

        print("seed \(Self.seed)")
        var mutator = Mutator(seed: Self.seed)
        for index in 0..<3500 {
            let bytes = mutator.mutated(mutator.pick(streams), with: mutator.pick(streams))
            bench.folder.write(bytes, to: "streams/\(name(index)).nii.gz")
        }
        let entries = try inspect("streams")
        #expect(entries.count == 3500)
        var accepted = 0
        for entry in entries {
            if let code = entry["error"]?["code"]?.string {
                #expect(Self.codes.contains(code), "\(entry.line)")
            } else {
                accepted += 1
                #expect(known.contains(numbers(entry)), "\(entry.line)")
            }
        }
        #expect(accepted > 0 && accepted < 2000, "\(accepted) accepted")
    }

    @Test("2000 pipelines: one that can run, or a fault with its place")
    func pipelines() throws {
        print("seed \(Self.seed)")
        var mutator = Mutator(seed: Self.seed)
        let names = Repository.entries("Pipelines").filter { $0.hasSuffix(".json") && !$0.contains("schema") }
        let texts = names.map { Array(Repository.text("Pipelines/\($0)").utf8) }
        #expect(texts.count >= 4)
        let tokens = [
            "1e999", "-1e-999", "99999999999999999999", "null", "\"\\ud800\"", "\"\\u0000\"", "[[[[",
            "{\"op\":", "1.5",
            "-1", "9223372036854775807", "true", "\"\"", String(repeating: "[", count: 5000), "\u{feff}",
            "\\", "//",
        ].map { Array($0.utf8) }
        var (whole, faulty) = (0, 0)
        for index in 0..<2000 {
            let other = index % 2 == 0 ? mutator.pick(tokens) : mutator.pick(texts)
            let bytes = mutator.mutated(mutator.pick(texts), with: other)
            let (pipeline, diagnostics) = PipelineFile.decode(bytes, name: "pipeline.json")
            if pipeline == nil {
                faulty += 1
                #expect(!diagnostics.list.isEmpty)
                #expect(diagnostics.description.hasPrefix("pipeline.json"))
            } else {
                whole += 1
            }
        }
        #expect(whole > 20 && faulty > 1000)
    }
}
