import MedPrepCore
import RealModule

/// The Gaussian before a resampling, axis by axis (SEMANTICS 7.1).
///
///     weights e^(−i²/2σ²), |i| <= ⌊4σ + ½⌋, divided by their sum
///
/// - Boundary: as the sampling's where that mirrors, reflects or wraps, else edge.
/// - σ is at most 256 voxels, whatever the scale.
struct Smoothing {
    /// The weights of one half: at 0, 1, … voxels; alone where an axis is not smoothed.
    let halves: [[Double]]
    let boundary: Boundary

    /// nil where no axis is smoothed.
    init?(_ map: Affine, _ sampling: Sampling) {
        if sampling.antialias == .none { return nil }
        let ratios = Motion.ratios(map)
        halves = (0..<3).map { Self.half(sampling.antialias.sigma(ratios[$0])) }
        if halves.allSatisfy({ $0.count == 1 }) { return nil }
        boundary =
            switch sampling.resolvedBoundary {
            case .edge, .constant, .constantSharp: .edge
            case .mirror: .mirror
            case .reflect: .reflect
            case .wrap: .wrap
            }
    }

    private static func half(_ sigma: Double) -> [Double] {
        guard sigma > 0 else { return [1] }
        let sigma = min(sigma, 256)
        let weights = (0...Int(4 * sigma + 0.5)).map {
            Double.exp(-Double($0 * $0) / (2 * sigma * sigma))
        }
        let sum = weights[1...].reduce(0, +) * 2 + weights[0]
        return weights.map { $0 / sum }
    }

    /// The widest sum along any axis.
    var width: Int { 2 * (halves.map(\.count).max() ?? 1) - 1 }

    /// A smoothed copy.
    func callAsFunction(_ source: Tensor, _ workers: Workers) -> Tensor {
        let extent = source.shape.extent
        let axes = (0..<3).map { taps(size: extent[$0], halves[$0]) }
        return separated(source, seen: extent, through: nil, axes, to: extent, fill: 0, workers)
    }

    private func taps(size: Int, _ half: [Double]) -> Taps {
        let radius = half.count - 1
        let weights = half[1...].reversed() + half
        if weights.count <= size || radius == 0 {
            return Taps(uniform: weights, from: -radius, size: size, boundary: boundary)
        }
        // Wider than the lattice: what falls on the same voxel is added first.
        var dense = [Double](repeating: 0, count: size * size)
        for output in 0..<size {
            for (place, weight) in weights.enumerated() {
                let index = boundary.fold(output + place - radius, size) ?? 0
                dense[output * size + index] += weight
            }
        }
        return Taps(dense: dense.map { Float($0) }, size: size)
    }
}

extension Antialias {
    /// In voxels; 0: none.
    fileprivate func sigma(_ ratio: Double) -> Double {
        guard ratio > 1 else { return 0 }
        return switch self {
        case .none: 0
        case .skimage: (ratio - 1) / 2
        case .cardoso: ((ratio * ratio - 1) / (8 * Double.log(2))).squareRoot()
        }
    }
}
