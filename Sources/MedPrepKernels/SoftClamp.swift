package import MedPrepCore
import RealModule

extension Tensor {
    /// Clamps each channel of each sample in place, with rounded corners.
    ///
    ///     y = x + softplus(−s(x − lower))/s − softplus(s(x − upper))/s,  softplus(z) = log(1 + eᶻ)
    ///
    /// NaN stays NaN; infinity becomes the limit of the formula, which is the bound. In Double, rounded once.
    ///
    /// - Parameter bounds: by sample, then by channel.
    package mutating func softClamp(to bounds: [[Bounds]], sharpness: Double, _ workers: Workers) {
        precondition(
            bounds.count == shape.n && bounds.allSatisfy { $0.count == shape.c },
            "bounds for each sample and channel of \(shape)")
        let channels = shape.c
        forEachIndexedSlab(workers) { sample, slab in
            for channel in 0..<channels {
                let bounds = bounds[sample][channel]
                for i in stride(from: channel, to: slab.count, by: channels) {
                    slab[i] = softClamped(slab[i], to: bounds, sharpness)
                }
            }
        }
    }
}

private func softClamped(_ x: Float, to bounds: Bounds, _ sharpness: Double) -> Float {
    if x.isInfinite { return Swift.min(Swift.max(x, bounds.lower), bounds.upper) }
    var y = Double(x)
    if bounds.lower.isFinite { y += softplus(-sharpness * (Double(x) - Double(bounds.lower))) / sharpness }
    if bounds.upper.isFinite { y -= softplus(sharpness * (Double(x) - Double(bounds.upper))) / sharpness }
    return Float(y)
}

/// log(1 + eᶻ) without overflow.
private func softplus(_ z: Double) -> Double { max(z, 0) + .log(onePlus: .exp(-abs(z))) }
