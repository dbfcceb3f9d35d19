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
        precondition(shape.fits(bounds), "bounds for each sample and channel of \(shape)")
        let (slabs, channels) = (shape.slabs, shape.c)
        forEachIndexedSlab(workers) { index, slab in
            for (channel, bounds) in bounds[slabs.sample(of: index)].enumerated() {
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
