import MedPrepCore
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

extension Shape {
    /// One number for each value of a scan: from as many, from one for each channel, or from none.
    func perValue(_ list: [Double]?, _ name: String, absent: Double) throws(OperatorError) -> [Double] {
        guard let list else { return Array(repeating: absent, count: sampleCount) }
        if list.count == sampleCount { return list }
        guard list.count == c else { throw .channelCount(parameter: name, found: list.count, expected: c) }
        return (0..<sampleCount).map { list[$0 % c] }
    }
}
