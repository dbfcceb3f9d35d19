import MedPrepKernels

/// The gamma and beta of a normalization layer; null means 1 and 0.
struct ChannelAffine {
    let gamma: [Double]?
    let beta: [Double]?

    /// Both must have one value for each channel.
    func check(channels: Int) throws(OperatorError) {
        if let gamma, gamma.count != channels {
            throw .channelCount(parameter: "gamma", found: gamma.count, expected: channels)
        }
        if let beta, beta.count != channels {
            throw .channelCount(parameter: "beta", found: beta.count, expected: channels)
        }
    }

    /// y = gamma·(x − mean)/root + beta for one channel.
    func scaling(channel: Int, mean: Double, root: Double) -> Scaling {
        Scaling(center: mean, factor: (gamma?[channel] ?? 1) / root, offset: beta?[channel] ?? 0)
    }

    /// y = gamma·x + beta for one channel.
    func scaling(channel: Int) -> Scaling { scaling(channel: channel, mean: 0, root: 1) }
}
