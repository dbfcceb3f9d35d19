import MedPrepCore
import MedPrepIO
import MedPrepOperators

/// Does the step of one case and holds each output against the peer's.
struct GoldenWalk {
    let golden: GoldenCase
    var context = Context()
    var outputs = GoldenOutputs()

    enum Outcome: Equatable {
        case passed
        /// One sentence for each output that differs.
        case failed([String])
        case notImplemented
    }

    static func outcome(of entry: JSONValue, folder: ScanPath) -> Outcome {
        do {
            return outcome(of: try GoldenCase(entry, folder: folder))
        } catch {
            return .failed(["its entry cannot be used: \(error)"])
        }
    }

    private static func outcome(of golden: GoldenCase) -> Outcome {
        switch GoldenOffer(golden) {
        case .notOffered: return .notImplemented
        case .refused(let errors): return .failed(["its parameters were refused: \(errors)"])
        case .offered(let step):
            var walk = GoldenWalk(golden: golden)
            let faults = walk.faults(of: step)
            return faults.isEmpty ? .passed : .failed(faults)
        }
    }

    private init(golden: GoldenCase) { self.golden = golden }

    private mutating func faults(of step: any Operator) -> [String] {
        do {
            try golden.inputs.check()
            try perform(step)
        } catch let error as OperatorError {
            guard let code = golden.errorCode else { return ["it failed: \(error)"] }
            return error.code == code ? [] : ["got the error \(error.code) (\(error)), want \(code)"]
        } catch {
            return ["it failed: \(error)"]
        }
        if let code = golden.errorCode { return ["got no error, want \(code)"] }
        return comparisons()
    }

    /// Numbers that a peer hands out on its way to `y` and the library keeps to itself: there `y` is compared.
    private static let untold: [String: Set<String>] = [
        "normalize_over": ["mean", "var"], "robust_norm": ["median", "mad"], "fcm": ["tissue_mean_spread"],
        "whitestripe": ["voxels"], "fingerprint": ["sampled_mean"],
    ]

    private func comparisons() -> [String] {
        var faults = [String]()
        for (name, want) in golden.expected {
            guard let got = outputs[name] else {
                if Self.untold[golden.operation]?.contains(name) ?? false { continue }
                faults.append("\(name): the walker has no such output")
                continue
            }
            let ignored = name == "y" ? golden.ignored : nil
            let tolerance = golden.tolerance.allowing(peerError: golden.peerErrors[name] ?? 0, in: want)
            if let fault = tolerance.fault(in: got, against: want, ignoring: ignored) {
                faults.append("\(name): \(fault)")
            }
        }
        if let geometry = golden.geometry {
            faults += outputs.grid.map { geometry.faults(in: $0) } ?? ["geometry: the step has no grid"]
        }
        return faults
    }

    private mutating func perform(_ step: any Operator) throws {
        if let function = step as? any LibraryFunction {
            try call(function)
            return
        }
        if let learning = step as? any LearningOperator {
            try learn(learning)
            return
        }
        guard var volume = try golden.inputs.subject() else { throw GoldenError("the case has no input x") }
        let mask = try golden.inputs.mask()
        if let mask { context.masks = [("mask", mask.tensor, .mask)] }
        switch step {
        case let spatial as any SpatialOperator:
            try move(volume, mask: mask, by: spatial)
        case let intensity as any IntensityOperator:
            try observe(volume.tensor, before: intensity)
            let before = volume.tensor
            try intensity.apply(to: &volume.tensor, in: &context)
            observe(before, became: volume.tensor)
            outputs["y"] = GoldenValues(volume.tensor)
        case let report as any ReportOperator:
            try look(at: volume.tensor, with: report)
        default: throw GoldenError("the walker does not know how \(step.name) is used")
        }
    }

    private mutating func move(_ volume: Volume, mask: Volume?, by step: any SpatialOperator) throws {
        var subject = Case(
            name: golden.id, images: [.init("x", volume)], masks: mask.map { [.init("mask", $0)] } ?? [])
        if step is CropNonzero {
            // What it marks shows on a label map without labels.
            let blank = Volume(tensor: Tensor(volume.tensor.shape), grid: volume.grid, role: .label)
            subject.labels = [.init("blank", blank)]
            let box = try step.box(in: volume, context: &context) ?? volume.grid.box
            outputs["bbox_dhw"] = GoldenValues(
                rows: [2, 1, 0].map { [Double(box.lower[$0]), Double(box.upper[$0])] })
        }
        try step.apply(to: &subject, in: &context)
        outputs["nonzero_seg"] = subject.labels.first.map { GoldenValues($0.volume.tensor) }
        guard let moved = subject.images.first?.volume else { throw GoldenError("the step lost the image") }
        outputs["y"] = GoldenValues(moved.tensor)
        outputs.grid = moved.grid
        let extent = [moved.grid.extent.z, moved.grid.extent.y, moved.grid.extent.x].map { Double($0) }
        outputs["new_shape_dhw"] = GoldenValues(extent, sizes: [3])
    }
}
