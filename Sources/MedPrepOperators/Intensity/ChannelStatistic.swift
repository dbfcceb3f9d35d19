import MedPrepCore
import MedPrepKernels

extension Tensor {
    /// One statistic for each channel of each sample, from the values of the mask: by sample, then by channel.
    ///
    /// - Parameters:
    ///   - ranks: percentiles that `body` gets, in this order.
    ///   - body: must not keep the values, which share this tensor's storage.
    func statistics<Result>(
        mask: MaskChoice, percentiles ranks: [Double] = [], operator name: String, in context: Context,
        _ body: (_ values: ChannelValues, _ order: Distribution, _ channel: Int) throws(OperatorError) ->
            Result
    ) throws(OperatorError) -> [[Result]] {
        let selection = try mask.selection(for: self, in: context)
        let distributions = distributions(ranks, where: selection, context.workers)
        if distributions.contains(where: { $0.count == 0 }) { throw mask.emptyError(operator: name) }
        var results = [[Result]]()
        for sample in 0..<shape.n {
            var row = [Result]()
            for channel in 0..<shape.c {
                let values = ChannelValues(
                    self, sample: sample, channel: channel, where: selection, context.workers)
                row.append(try body(values, distributions[sample * shape.c + channel], channel))
            }
            results.append(row)
        }
        return results
    }

    /// Divides each channel of each sample by a number that is not 0; `what` names it.
    mutating func divide(by divisors: [[Double]], what: String, _ workers: Workers) throws(OperatorError) {
        for row in divisors {
            for (channel, divisor) in row.enumerated() where divisor == 0 || !divisor.isFinite {
                throw .zeroScale(channel: channel, scale: what)
            }
        }
        scale(by: divisors.map { row in row.map { Scaling(factor: 1 / $0) } }, workers)
    }
}

extension Context {
    /// Says once for a channel that all its values are equal.
    mutating func noteConstant(_ order: Distribution, channel: Int, becomes: String) {
        if order.min == order.max {
            note(.constantChannel, "channel \(channel) holds one value; it \(becomes)")
        }
    }
}
