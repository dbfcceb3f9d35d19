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
        default: throw GoldenError("the walker does not know how \(function.name) is called")
        }
    }

    /// The numbers of y = x/factor and y = (x − mean)/std, from what became of the largest and the smallest value.
    mutating func observe(_ x: Tensor, became y: Tensor) {
        let (before, after) = (x.values, y.values)
        guard let high = before.indices.max(by: { before[$0] < before[$1] }),
            let low = before.indices.min(by: { before[$0] < before[$1] }), before[low] < before[high]
        else { return }
        let slope = (Double(before[high]) - Double(before[low])) / (Double(after[high]) - Double(after[low]))
        for name in ["tissue_mean", "mode", "scaling_factor"] {
            outputs[name] = GoldenValues([slope], sizes: [])
        }
        if golden.operation == "whitestripe" {
            outputs["std"] = GoldenValues([slope], sizes: [])
            outputs["mean"] = GoldenValues([Double(before[high]) - slope * Double(after[high])], sizes: [])
        }
    }
}
