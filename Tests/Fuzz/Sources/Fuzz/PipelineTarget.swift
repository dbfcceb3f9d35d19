import MedPrep
import MedPrepCore
import MedPrepIO
import MedPrepOperators
import MedPrepTestSupport

/// The text of a pipeline: decoding, every check, every message, and the grids that its steps plan.
extension Target {
    static let pipeline = Target(
        name: "pipeline", seeds: { PipelineSeeds.all }, words: { PipelineSeeds.words },
        run: { bytes in
            let (pipeline, diagnostics) = PipelineFile.decode(Array(bytes), name: "p.json")
            expect((pipeline == nil) == diagnostics.hasFaults, "a pipeline or faults")
            expect(diagnostics.list.isEmpty == diagnostics.description.isEmpty, "a sentence for each")
            _ = (diagnostics.json.line, diagnostics.strict.description)
            guard let pipeline else { return }
            for step in pipeline.steps { checkEncoding(step.operation) }
            _ = planned(pipeline)
            for text in [pipeline.input.pattern].compactMap(\.self) + pipeline.input.images.map(\.pattern) {
                _ = try? PathPattern(text).match(ScanPath("sub-01/anat/sub-01_T1w.nii.gz"))
            }
        })

    /// What a step says of itself makes the same step.
    private static func checkEncoding(_ operation: any Operator) {
        do throws(ParameterErrors) {
            let again = try type(of: operation).init(parameters: operation.parameters)
            let (new, old) = (again.parameters, operation.parameters)
            expect(new == old, "\(JSONValue.object(old).line) comes back as \(JSONValue.object(new).line)")
        } catch {
            expect(false, "\(operation.name) decodes what it encodes: \(error)")
        }
    }

    /// The grid behind every spatial step, from a small one on.
    private static func planned(_ pipeline: Pipeline) -> Grid {
        var grid = Grid(w: 5, h: 4, d: 3, step: [1, 1.5, 2])
        var context = Context()
        for step in pipeline.steps {
            guard var operation = step.operation as? any SpatialOperator else { continue }
            if operation.reference != nil { operation = operation.resolved(on: Grid(w: 4, h: 4, d: 4)) }
            do throws(OperatorError) {
                if operation.learnsGrids { operation = try operation.resolved(onAll: [grid, grid]) }
                operation.note(on: grid, in: &context)
                grid = try operation.grid(after: grid, box: nil)
                expect(
                    Shape.count(of: [grid.extent.x, grid.extent.y, grid.extent.z]) != nil, "\(grid.extent)")
                let entries = grid.affine.rows.joined()
                expect(
                    entries.allSatisfy(\.isFinite), "\(step.label) keeps the affine finite: \(Array(entries))"
                )
            } catch {
                expect(!"\(error)".isEmpty, "a refusal has a sentence")
                break
            }
        }
        return grid
    }
}

enum PipelineSeeds {
    /// Every operator by itself, with all its parameters written; `run` adds the ready pipelines.
    static var all: [[UInt8]] { steps.map { Array("{\"steps\": [\($0)]}".utf8) } + [Array(cases.utf8)] }

    static var steps: [String] {
        let plain = Catalog.names.filter { name in !StepExample.minimal.contains { $0.name == name } }
        let examples = plain.map { StepExample($0) } + StepExample.minimal + StepExample.variants
        return examples.compactMap { example in
            guard let type = Catalog.type(named: example.name) else { return nil }
            let members = (try? type.init(parameters: example.members).parameters) ?? example.members
            return JSONValue.object([.init("op", .string(example.name))] + members).line
        }
    }

    static var words: [[UInt8]] {
        let keys = Catalog.all.flatMap { OperatorDescription($0).parameters.flatMap(\.keys) }
        let names = Set(
            keys + Catalog.names + ["op", "steps", "input", "output", "batch", "report", "images"])
        let values = [
            "true", "false", "null", "1e308", "-1", "9223372036854775807", "1e-320", "0.5", "\\u0000",
            "\\ud83d",
        ]
        return names.sorted().map { Array("\"\($0)\"".utf8) } + values.map { Array($0.utf8) }
    }

    private static let cases = """
        {"input": {"folder": "in", "images": {"t1": "{case}/*T1w*", "t2": "{case}/*T2w*"}, "masks": {"m": "{case}/*m*"}},
         "steps": [{"op": "zscore", "mask": "file"}], "batch": {"size": 2, "drop_last": true},
         "output": {"folder": "out", "format": "npy", "compression": 6, "layout": "NCDHW", "channels": "apart"}}
        """
}
