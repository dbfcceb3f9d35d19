import MedPrepCore
import MedPrepIO
import MedPrepOperators

extension GoldenWalk {
    /// Calls a function of the library with the inputs of the case.
    mutating func call(_ function: any LibraryFunction) throws {
        switch function {
        case let norm as WeightNorm: outputs["w"] = GoldenValues(try norm(golden.inputs.weights()))
        case let standardization as WeightStandardization:
            outputs["w"] = GoldenValues(try standardization(golden.inputs.weights()))
        case let shape as NewShape:
            let size = try shape()
            outputs["shape_dhw"] = GoldenValues([size.z, size.y, size.x].map { Double($0) }, sizes: [3])
        case let target as TargetSpacing:
            let spacing = target()
            outputs["spacing_dhw"] = GoldenValues([spacing.z, spacing.y, spacing.x], sizes: [3])
        case let resample as ResampleLabels:
            guard var labels = try golden.inputs.subject() else {
                throw GoldenError("the case has no labels x")
            }
            labels.role = .label
            outputs["y"] = GoldenValues(try resample(labels).tensor)
        case let fingerprint as Fingerprint: try take(fingerprint)
        case let pipeline as NNUNet.Pipeline: try prepare(pipeline)
        default: throw GoldenError("the walker does not know how \(function.name) is called")
        }
    }

    /// The numbers of the foreground of one case.
    private mutating func take(_ fingerprint: Fingerprint) throws {
        guard let image = try golden.inputs.subject(), let labels = try golden.inputs.labels() else {
            throw GoldenError("a fingerprint needs x and seg")
        }
        let measure = try fingerprint.measure(image, labels)
        let statistics = fingerprint.statistics(of: measure.intensities[0])
        let keys = ["mean", "median", "min", "max", "percentile_00_5", "percentile_99_5"]
        outputs["stats"] = GoldenValues(keys.map { statistics[$0]?.double ?? .nan }, sizes: [keys.count])
        outputs["num_foreground"] = GoldenValues([Double(measure.foregroundCount)], sizes: [])
    }

    /// A whole case as nnU-Net prepares it.
    private mutating func prepare(_ pipeline: NNUNet.Pipeline) throws {
        guard let image = try golden.inputs.subject() else { throw GoldenError("the case has no image x") }
        let prepared = try pipeline(image, labels: golden.inputs.labels(), in: &context)
        outputs["y"] = GoldenValues(prepared.image.tensor)
        outputs["seg"] = prepared.labels.map { GoldenValues($0.tensor) }
        let properties = prepared.properties
        let names = [
            "shape_before_cropping_dhw": "shape_before_cropping", "bbox_dhw": "bbox_used_for_cropping",
            "shape_after_cropping_dhw": "shape_after_cropping_and_before_resampling",
        ]
        for (name, key) in names {
            outputs[name] = properties[key].flatMap { GoldenValues(json: $0) }
        }
        outputs["class_voxels"] = GoldenValues(
            rows: (properties["class_locations"]?.members ?? []).map {
                [Double($0.key) ?? .nan, Double($0.value.array?.count ?? 0)]
            })
    }

    /// The numbers of y = x/factor and y = (x − mean)/std, from what became of the largest and the smallest
    /// value.
    mutating func observe(_ x: Tensor, became y: Tensor) {
        let (before, after) = (x.values, y.values)
        guard let high = before.indices.max(by: { before[$0] < before[$1] }),
            let low = before.indices.min(by: { before[$0] < before[$1] }), before[low] < before[high]
        else { return }
        let slope =
            (Double(before[high]) - Double(before[low])) / (Double(after[high]) - Double(after[low]))
        for name in ["tissue_mean", "mode", "scaling_factor"] {
            outputs[name] = GoldenValues([slope], sizes: [])
        }
        if golden.operation == "whitestripe" {
            outputs["std"] = GoldenValues([slope], sizes: [])
            outputs["mean"] = GoldenValues([Double(before[high]) - slope * Double(after[high])], sizes: [])
        }
    }
}
