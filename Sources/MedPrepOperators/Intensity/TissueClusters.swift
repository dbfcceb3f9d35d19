import MedPrepCore
import MedPrepKernels

extension Tensor {
    /// The mean of each tissue by fuzzy c-means, in ascending order of the cluster centres: by sample, channel and
    /// cluster.
    ///
    /// The centres start at the percentiles (2i + 1)/(2C); where two of those are equal, and so could never part,
    /// at even steps between the smallest and the largest value.
    func tissueMeans(
        _ fuzzy: FuzzyMeans, mask: MaskChoice, operator name: String, in context: inout Context
    ) throws(OperatorError) -> [[[Double]]] {
        let places = (0..<fuzzy.clusters).map { Double(2 * $0 + 1) / Double(2 * fuzzy.clusters) }
        var constants = [(Distribution, Int)]()
        let means = try statistics(
            mask: mask, percentiles: places.map { $0 * 100 }, operator: name, in: context
        ) {
            (values, order, channel) throws(OperatorError) in
            constants.append((order, channel))
            var centers = order.percentiles
            if zip(centers, centers.dropFirst()).contains(where: { $0 >= $1 }) {
                centers = places.map { order.min + $0 * (order.max - order.min) }
            }
            return fuzzy.clusters(of: values, from: centers).means
        }
        for (order, channel) in constants {
            context.noteConstant(order, channel: channel, becomes: "is the mean of every tissue")
        }
        return means
    }
}
