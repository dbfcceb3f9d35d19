import MedPrep
import MedPrepCore
import MedPrepIO
import MedPrepKernels
import MedPrepOperators

/// What became of a case.
enum GoldenResult {
    /// By the names of the outputs; what the library does not tell is missing.
    case outputs([String: GoldenValue], grid: Grid?)
    /// The operation, or an option of it, is not there.
    case notImplemented(String)
    case refused(code: String, String)
}

/// Does what a golden case describes, with the operator that its parameters decode to.
struct GoldenRunner {
    let index: GoldenIndex

    func run(_ golden: GoldenCase) throws -> GoldenResult {
        do {
            if let result = try runFunction(golden) { return result }
            guard let type = Catalog.type(named: golden.operation) else {
                return .notImplemented("no operation of this name")
            }
            return try run(type.init(parameters: golden.stepParameters()), golden)
        } catch let faults as ParameterErrors {
            return .notImplemented(faults.description)
        } catch let error as OperatorError {
            return .refused(code: error.code, error.description)
        }
    }

    private func run(_ operation: any Operator, _ golden: GoldenCase) throws -> GoldenResult {
        if let learning = operation as? any LearningOperator { return try runLearning(learning, golden) }
        var context = Context(workers: Workers(2))
        var image = try volume(golden.inputs["x"], channel: golden.inputs["channel"]?.int)
        if let mask = golden.inputs["mask"] {
            context.masks = [("file", try volume(mask).tensor, .mask)]
        }
        switch operation {
        case let spatial as any SpatialOperator:
            return try runSpatial(spatial, consume image, &context)
        case let intensity as any IntensityOperator:
            let before = image.tensor
            try intensity.apply(to: &image.tensor, in: &context)
            var outputs = ["y": GoldenValue(image.tensor)]
            addFactors(golden.operation, before, image.tensor, to: &outputs)
            return .outputs(outputs, grid: nil)
        case let report as any ReportOperator:
            return .outputs(try tell(report, image.tensor, context, golden), grid: nil)
        default:
            return .notImplemented("an operator of another kind")
        }
    }

    private func runSpatial(
        _ spatial: any SpatialOperator, _ image: consuming Volume, _ context: inout Context
    ) throws -> GoldenResult {
        var subject = Case(name: "golden", images: [.init("image", image)])
        let box = spatial.dependsOnVoxels ? try spatial.box(in: subject.images[0].volume, context: &context) : nil
        try spatial.apply(to: &subject, in: &context)
        let volume = subject.images[0].volume
        var outputs = ["y": GoldenValue(volume.tensor)]
        let extent = volume.grid.extent
        outputs["new_shape_dhw"] = GoldenValue(json: .integers([extent.z, extent.y, extent.x]))
        if let box {
            outputs["bbox_dhw"] = GoldenValue(
                json: .array([2, 1, 0].map { .integers([box.lower[$0], box.upper[$0]]) }))
        }
        return .outputs(outputs, grid: volume.grid)
    }

    /// A report's numbers under the names that the golden cases use.
    private func tell(
        _ report: any ReportOperator, _ tensor: Tensor, _ context: Context, _ golden: GoldenCase
    ) throws -> [String: GoldenValue] {
        var context = context
        let look = try report.look(at: tensor, in: &context)
        var outputs = [String: GoldenValue]()
        if let report = try report.report(on: [look], batchSize: 1), let members = report.members {
            for member in members { outputs[member.key] = GoldenValue(json: member.value) }
            outputs["severity_n"] = report["severity"].map { GoldenValue(json: $0) }
        }
        func channels(_ look: JSONValue) -> [JSONValue] { look["channels"]?.array ?? [] }
        if let fields = golden.params["fields"]?.array {
            outputs["stats"] = GoldenValue(
                json: .array(channels(look).map { channel in .array(fields.map { channel[$0.string ?? ""] ?? .null }) }))
        }
        if golden.params["percentiles"] != nil {
            func table(_ look: JSONValue) -> GoldenValue {
                GoldenValue(
                    json: .array(channels(look).map { .array(($0["percentiles"]?.members ?? []).map(\.value)) }))
            }
            outputs["all"] = table(look)
            let nonzero = try type(of: report).init(
                parameters: golden.stepParameters() + [.init("mask", "nonzero")])
            outputs["nonzero"] = table(try nonzero.look(at: tensor, in: &context))
        }
        return outputs
    }

    /// The one number that a division leaves in y: x = y·factor.
    func addFactors(
        _ operation: String, _ x: Tensor, _ y: Tensor, to outputs: inout [String: GoldenValue]
    ) {
        let names = ["fcm": "tissue_mean", "kde": "mode", "lsq": "scaling_factor"]
        guard let name = names[operation] else { return }
        let brightest = x.values.indices.max { x.values[$0] < x.values[$1] } ?? 0
        outputs[name] = GoldenValue(json: .number(Double(x.values[brightest]) / Double(y.values[brightest])))
    }

    /// A tensor from .npy (NDHWC), or a volume from .nii.gz.
    func volume(_ input: JSONValue?, channel: Int? = nil) throws -> Volume {
        guard let name = input?.string else { throw GoldenError.input(input?.line ?? "none") }
        if name.hasSuffix(".npy") {
            let array = try NPYReader.read(index.path(name))
            guard array.sizes.count == 5 else { throw GoldenError.input("\(name) of \(array.sizes)") }
            let s = array.sizes
            var tensor = Tensor(Shape(n: s[0], d: s[1], h: s[2], w: s[3], c: s[4]), array.floats)
            if let channel { tensor = tensor.channels(channel..<channel + 1) }
            let extent = tensor.shape.extent
            return Volume(tensor: tensor, grid: Grid(w: extent.x, h: extent.y, d: extent.z))
        }
        return try NIfTIReader().read(index.path(name)).volume
    }
}

enum GoldenError: Error { case input(String) }
