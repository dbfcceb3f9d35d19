import RealModule

/// How wide the kernel of a density is, in the unit of the values.
package enum Bandwidth: Sendable {
    /// max|x|/80.
    case eightiethOfMaximum
    /// max|x|/80 · s, s the sample standard deviation: what scipy's `gaussian_kde` makes of the scalar max/80.
    case scaledEightieth
    /// m^(−1/5) · s: Scott's rule for one dimension.
    case scott

    /// - Parameter moments: of at least two values.
    fileprivate func width(_ moments: Moments, _ extremes: Extremes) -> Double {
        let largest = Double(max(abs(extremes.min), abs(extremes.max)))
        let deviation = moments.unbiasedVariance.squareRoot()
        return switch self {
        case .eightiethOfMaximum: largest / 80
        case .scaledEightieth: largest / 80 * deviation
        case .scott: Double.pow(Double(moments.count), -0.2) * deviation
        }
    }
}

extension ChannelValues {
    /// The mode of the density of these values; one value that all share is its own mode.
    ///
    /// - Precondition: at least one value.
    package func mode(_ choice: Density.Mode, pointCount: Int, bandwidth: Bandwidth) -> Double {
        let range = extremes()
        if range.min == range.max { return Double(range.min) }
        let width = bandwidth.width(moments(), range)
        // Values so close that their squared distance is 0 in Double share one mode.
        guard width > 0, width.isFinite else { return Double(range.min) }
        return density(pointCount: pointCount, bandwidth: width).mode(choice)
    }
}
