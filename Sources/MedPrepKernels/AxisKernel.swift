import MedPrepCore
import RealModule

/// The weights of an interpolation along one axis (SEMANTICS 7), worked out in Double.
struct AxisKernel {
    let interpolation: Interpolation
    /// Weights of one output; those it does not need are 0.
    let width: Int
    private let lattice: Lattice
    /// Half of what an output voxel spans, in input voxels.
    private let reach: Double
    private let normalizes: Bool

    /// - Parameter ratio: input voxels that an output voxel spans.
    init(_ interpolation: Interpolation, lattice: Lattice, ratio: Double, normalizes: Bool) {
        (self.interpolation, self.lattice, self.normalizes) = (interpolation, lattice, normalizes)
        reach = ratio.isFinite ? ratio / 2 : 0
        width = Self.width(interpolation, voxels: lattice.voxels, ratio: ratio)
    }

    static func width(_ interpolation: Interpolation, voxels: Int, ratio: Double) -> Int {
        switch interpolation {
        case .nearest, .nearestFloor: 1
        case .linear: 2
        case .bspline2, .bspline3, .bspline4, .bspline5: (interpolation.splineDegree ?? 0) + 1
        case .lanczos5, .hamming5: 10
        case .gaussian: 8
        case .area: ratio < Double(voxels) ? min(voxels, Int(ratio.rounded(.up)) + 1) : voxels
        }
    }

    /// Writes the weights at the continuous index `c` and gives the first neighbour, on an endless lattice.
    func callAsFunction(_ c: Double, _ weights: UnsafeMutablePointer<Double>) -> Int {
        switch interpolation {
        case .nearest:
            weights[0] = 1
            return nearestIndex(c) + lattice.padding
        case .nearestFloor:
            weights[0] = 1
            // The lower edge of an output voxel in the rim lies in front of the first voxel.
            return Int(max((c + 0.5 - reach + 1e-6).rounded(.down), 0))
        case .linear:
            let c = lattice.boundary == .edge ? min(max(c, 0), Double(lattice.voxels - 1)) : c
            let floor = c.rounded(.down)
            (weights[0], weights[1]) = (1 - (c - floor), c - floor)
            return Int(floor)
        case .bspline3:
            let floor = c.rounded(.down)
            let w = cubicWeights(c - floor)
            for k in 0..<4 { weights[k] = w[k] }
            return Int(floor) - 1 + lattice.padding
        case .bspline2, .bspline4, .bspline5:
            // The knots of an odd degree are the centres, of an even one halfway between.
            let degree = width - 1
            let place = degree.isMultiple(of: 2) ? c + 0.5 : c
            let floor = place.rounded(.down)
            splineWeights(degree, place - floor, weights)
            return Int(floor) - degree / 2 + lattice.padding
        case .lanczos5, .hamming5: return sinc(c, weights)
        case .gaussian: return gaussian(c, weights)
        case .area: return area(c, weights)
        }
    }

    /// Taps ⌊c⌋ − 4 … ⌊c⌋ + 5.
    private func sinc(_ c: Double, _ weights: UnsafeMutablePointer<Double>) -> Int {
        let first = c.rounded(.down) - 4
        for k in 0..<10 {
            let t = c - (first + Double(k))
            let window =
                interpolation == .lanczos5 ? Self.sinc(t / 5) : 0.54 + 0.46 * Double.cos(.pi * t / 5)
            // At whole numbers sin(πt) is not quite 0.
            weights[k] = t == t.rounded() ? (t == 0 ? 1 : 0) : Self.sinc(t) * window
        }
        if normalizes { normalize(weights) }
        return Int(first) + lattice.padding
    }

    private static func sinc(_ t: Double) -> Double { t == 0 ? 1 : Double.sin(.pi * t) / (.pi * t) }

    /// erf((i + ½ − c)/(σ√2)) − erf((i − ½ − c)/(σ√2)) inside the image, σ = 0.8, cut at 3.2; 1e-6 makes ties of the
    /// cut reproducible.
    private func gaussian(_ c: Double, _ weights: UnsafeMutablePointer<Double>) -> Int {
        let (scale, last) = (1 / (0.8 * 2.0.squareRoot()), Double(lattice.voxels - 1))
        // Further out there may be no voxel within reach.
        let c = min(max(c, -0.5), last + 0.5)
        let (low, high) = ((c + 0.5 - 3.2 + 1e-6).rounded(.down), (c + 0.5 + 3.2 - 1e-6).rounded(.up))
        for k in 0..<width {
            let i = low + Double(k)
            weights[k] =
                i < high && i >= 0 && i <= last
                ? Double.erf((i + 0.5 - c) * scale) - Double.erf((i - 0.5 - c) * scale) : 0
        }
        normalize(weights)
        return Int(low)
    }

    /// The voxels inside the image that c ± r/2 touches, alike.
    private func area(_ c: Double, _ weights: UnsafeMutablePointer<Double>) -> Int {
        let voxels = Double(lattice.voxels)
        let low = min(max((c + 0.5 - reach + 1e-6).rounded(.down), 0), voxels - 1)
        let high = min(max((c + 0.5 + reach - 1e-6).rounded(.up), low + 1), voxels)
        let count = min(Int(high - low), width)
        for k in 0..<width { weights[k] = k < count ? 1 / Double(count) : 0 }
        return Int(low)
    }

    private func normalize(_ weights: UnsafeMutablePointer<Double>) {
        var sum = 0.0
        for k in 0..<width { sum += weights[k] }
        for k in 0..<width { weights[k] /= sum }
    }
}

/// The cubic B-spline at the four lattice points around a place `t` in 0…1 behind the second.
func cubicWeights(_ t: Double) -> SIMD4<Double> {
    let (s, t2) = (1 - t, t * t)
    return SIMD4(s * s * s, 3 * t2 * t - 6 * t2 + 4, 3 * s * s * s - 6 * s * s + 4, t2 * t) / 6
}

/// The `degree` + 1 B-splines that are not 0 at `t` in 0…1 behind a knot, by de Boor's recursion on uniform knots.
private func splineWeights(_ degree: Int, _ t: Double, _ weights: UnsafeMutablePointer<Double>) {
    weights[0] = 1
    for d in 1...degree {
        var saved = 0.0
        for r in 0..<d {
            let part = weights[r] / Double(d)
            weights[r] = saved + (Double(r + 1) - t) * part
            saved = (t + Double(d - r - 1)) * part
        }
        weights[d] = saved
    }
}
