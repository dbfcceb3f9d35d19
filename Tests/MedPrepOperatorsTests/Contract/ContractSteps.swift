import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport

/// Every operator of the catalog with the least it needs.
let minimalSteps = Catalog.names.map { name in
    StepExample.minimal.first { $0.name == name } ?? StepExample(name)
}

/// Those and their variants, for rules that hold whatever the parameters.
// A conform of 256³ voxels is more than a test needs; a small one is among the variants.
let contractSteps = minimalSteps.filter { $0.name != "conform" } + StepExample.variants

extension StepExample {
    struct NotInCatalog: Error { let name: String }

    var type: any Operator.Type {
        get throws {
            guard let type = Catalog.type(named: name) else { throw NotInCatalog(name: name) }
            return type
        }
    }

    var step: any Operator {
        get throws { try type.init(parameters: members) }
    }

    /// The same step with one member more, or instead of the one with its key.
    func with(_ key: String, _ value: JSONValue) -> StepExample {
        let others = members.filter { $0.key != key }
        return StepExample(name, .object(others + [.init(key, value)]))
    }
}

/// Smooth values of both signs that differ from voxel to voxel and channel to channel.
func contractTensor(_ shape: Shape) -> Tensor { Tensor.random(shape, seed: 17, mean: 20, spread: 60) }

/// A context with the mask "brain" over these sizes: every voxel but the first of each sample.
func contractContext(over shape: Shape, workers: Int = 1, nonfinite: Nonfinite = .error) -> Context {
    var context = Context(workers: Workers(workers), nonfinite: nonfinite)
    let single = Shape(d: shape.d, h: shape.h, w: shape.w)
    let inside = (0..<single.count).map { Float($0 == 0 && single.count > 1 ? 0 : 1) }
    context.masks = [(name: "brain", tensor: Tensor(single, inside), role: .mask)]
    return context
}

/// Shapes that break loops: one voxel, thin ones, odd ones, several samples, several channels.
let contractShapes = [
    Shape(d: 1, h: 1, w: 1), Shape(d: 1, h: 1, w: 9), Shape(d: 7, h: 1, w: 1), Shape(d: 3, h: 5, w: 7),
    Shape(n: 2, d: 3, h: 2, w: 5), Shape(d: 2, h: 3, w: 3, c: 3), Shape(n: 2, d: 1, h: 1, w: 1, c: 2),
    Shape(n: 3, d: 2, h: 1, w: 4, c: 5),
]
