import MedPrepCore
import MedPrepOperators

/// Whether the library offers what a case asks for.
enum GoldenOffer {
    case offered(any Operator)
    /// The step, or a key or word in its parameters, does not exist here.
    case notOffered
    /// The step knows every key and word, and yet refuses them.
    case refused(ParameterErrors)

    /// Keys of the index that are no parameters, where the step has none of that name (SEMANTICS 13).
    private static let goldenKeys: Set = ["fit_on", "steps", "method", "shape_ndhwc"]

    init(_ golden: GoldenCase) {
        let functions: [any Operator.Type] = Catalog.functions
        guard let type = (Catalog.all + functions).first(where: { $0.name == golden.operation }) else {
            self = .notOffered
            return
        }
        do throws(ParameterErrors) {
            self = .offered(try Self.make(type, golden.parameters))
        } catch {
            let isNotOffered = error.faults.contains { fault in
                switch fault {
                case .unknown: true
                // A word that a choice does not have; a number of the wrong form is a fault of ours.
                case .wrongForm(_, let found, _): found.string != nil
                default: false
                }
            }
            self = isNotOffered ? .notOffered : .refused(error)
        }
    }

    /// The step as the golden parameters describe it, keys that only goldens use left out.
    static func make<Step: Operator>(
        _ type: Step.Type, _ parameters: [JSONValue.Member]
    ) throws(ParameterErrors) -> Step {
        let keys = Set(type.card.parameters.flatMap(\.keys))
        return try Step(
            parameters: parameters.filter { keys.contains($0.key) || !goldenKeys.contains($0.key) })
    }
}
