import MedPrep
import MedPrepCore
import MedPrepIO
import MedPrepOperators

extension GoldenRunner {
    /// The functions that are no pipeline steps; nil for a step.
    func runFunction(_ golden: GoldenCase) throws -> GoldenResult? {
        guard let type = Catalog.functions.first(where: { $0.name == golden.operation }) else { return nil }
        let function = try type.init(parameters: golden.stepParameters())
        switch function {
        case let function as WeightNorm:
            return .outputs(["w": GoldenValue(try function(volume(golden.inputs["w"]).tensor))], grid: nil)
        case let function as WeightStandardization:
            return .outputs(["w": GoldenValue(try function(volume(golden.inputs["w"]).tensor))], grid: nil)
        default:
            return .notImplemented("the golden test does not know how to call it")
        }
    }
}
