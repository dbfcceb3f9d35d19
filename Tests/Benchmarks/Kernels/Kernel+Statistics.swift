import MedPrepCore
import MedPrepKernels

extension Kernel {
    static let statistics = [
        Kernel("moments") { scan in { _ = scan.tensor.moments(.one) } },
        Kernel("percentiles") { scan in { _ = scan.tensor.distributions([0.5, 99.5], .one) } },
        Kernel("summary") { scan in
            { _ = scan.tensor.summaries(percentiles: [0.5, 1, 5, 25, 50, 75, 95, 99, 99.5], .one) }
        },
        Kernel("summary, fractions") { scan in
            var tensor = scan.tensor
            tensor.withUnsafeMutableValues { values in
                for index in values.indices { values[index] *= 0.37 }
            }
            let fractions = tensor
            return { _ = fractions.summaries(percentiles: [0.5, 1, 5, 25, 50, 75, 95, 99, 99.5], .one) }
        },
        Kernel("bounding box, int16") { scan in { _ = scan.numbers.boundingBox(of: .nonzero, .one) } },
        Kernel("bounding box") { scan in { _ = scan.tensor.boundingBox(of: .nonzero, .one) } },
    ]
}
