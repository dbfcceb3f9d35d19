import MedPrepCore
import MedPrepKernels

/// The contrast of a brain MRI, which says where the mode of its values is looked for.
public enum Modality: String, CaseIterable, ParameterValue {
    /// White matter is the last maximum below the 96th percentile.
    case t1
    /// The highest maximum.
    case t2
    case flair
    /// The first maximum below the 99th percentile.
    case pd

    /// Values above this percentile are left out.
    private var rank: Double? {
        switch self {
        case .t1: 96
        case .t2, .flair: nil
        case .pd: 99
        }
    }

    private var choice: Density.Mode {
        switch self {
        case .t1: .lastMaximum
        case .t2, .flair: .highest
        case .pd: .firstMaximum
        }
    }

    /// The percentiles that `mode` needs.
    var ranks: [Double] { rank.map { [$0] } ?? [] }

    /// The mode of the values.
    ///
    /// - Parameter percentiles: those of `ranks`.
    func mode(of values: ChannelValues, percentiles: [Double], gridPoints: Int, bandwidth: Bandwidth)
        -> Double
    {
        let kept = percentiles.first.map { values.limited(atMost: $0) } ?? values
        return kept.mode(choice, pointCount: gridPoints, bandwidth: bandwidth)
    }
}
