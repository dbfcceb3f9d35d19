package import MedPrepCore

/// What one channel of one sample becomes: y = (x − center)·factor + offset, in Double.
///
/// The centre is taken off first, and not folded into the offset: a constant channel is then `offset` to the last
/// bit, and data far from 0 keep their digits.
package struct Scaling: Hashable, Sendable {
    package var center: Double
    package var factor: Double
    package var offset: Double

    package init(center: Double = 0, factor: Double = 1, offset: Double = 0) {
        (self.center, self.factor, self.offset) = (center, factor, offset)
    }

    package func callAsFunction(_ x: Float) -> Float { Float((Double(x) - center) * factor + offset) }
}

extension Tensor {
    /// Scales each channel of each sample in place; one rounding to Float for each value. NaN stays NaN.
    ///
    /// - Parameter scalings: by sample, then by channel.
    package mutating func scale(by scalings: [[Scaling]], _ workers: Workers) {
        precondition(shape.fits(scalings), "one scaling for each sample and channel of \(shape)")
        let (slabs, lanes) = (shape.slabs, ChannelLanes(channels: shape.c))
        forEachIndexedSlab(workers) { index, slab in
            MedPrepKernels.scale(slab, by: scalings[slabs.sample(of: index)], lanes, EveryValue.self)
        }
    }

    /// Sets every channel of a voxel to `value` where the mask is not above 0.
    ///
    /// - Precondition: the mask has one channel and this tensor's samples and extent.
    package mutating func fill(outside mask: Tensor, with value: Float, _ workers: Workers) {
        precondition(VoxelSelection.mask(mask).fits(shape), "a mask of \(mask.shape) for \(shape)")
        let (voxels, samples, channels) = (mask.shape.slabs, shape.slabs, shape.c)
        withUnsafeMutableValues { values in
            mask.withUnsafeValues { mask in
                // Slabs do not overlap, so threads never share a value.
                nonisolated(unsafe) let (values, mask) = (values, mask)
                forEachIndex(samples.count, workers) { index in
                    let first = samples[index].lowerBound
                    for (voxel, place) in voxels[index].enumerated() where !(mask[place] > 0) {
                        for channel in 0..<channels { values[first + voxel * channels + channel] = value }
                    }
                }
            }
        }
    }
}

/// Which values a loop changes. A type and not a closure, so that the loop is compiled for it.
protocol ValueChoice {
    /// What becomes of eight values, from those changed and those before.
    static func choose(_ changed: SIMD8<Float>, _ before: SIMD8<Float>) -> SIMD8<Float>
}

enum EveryValue: ValueChoice {
    @inline(__always)
    static func choose(_ changed: SIMD8<Float>, _ before: SIMD8<Float>) -> SIMD8<Float> { changed }
}

/// One slab, each channel by its own scaling.
func scale<Choice: ValueChoice>(
    _ x: UnsafeMutableBufferPointer<Float>, by scalings: [Scaling], _ lanes: ChannelLanes,
    _ choice: Choice.Type
) {
    let whole = x.count / lanes.count * lanes.count
    lanes.withRows(3) { rows in
        let (centers, factors, offsets) = (rows[0], rows[1], rows[2])
        lanes.fill(centers) { scalings[$0].center }
        lanes.fill(factors) { scalings[$0].factor }
        lanes.fill(offsets) { scalings[$0].offset }
        if lanes.rows == 1 {
            let (center, factor, offset) = (centers[0], factors[0], offsets[0])
            for i in stride(from: 0, to: whole, by: 8) { x.scaleEight(i, center, factor, offset, choice) }
        } else {
            for i in stride(from: 0, to: whole, by: lanes.count) {
                for row in 0..<lanes.rows {
                    x.scaleEight(i &+ 8 &* row, centers[row], factors[row], offsets[row], choice)
                }
            }
        }
    }
    for i in whole..<x.count {
        let scaled = SIMD8(repeating: scalings[i % lanes.channels](x[i]))
        x[i] = choice.choose(scaled, SIMD8(repeating: x[i]))[0]
    }
}

extension UnsafeMutableBufferPointer<Float> {
    @inline(__always)
    fileprivate func scaleEight<Choice: ValueChoice>(
        _ index: Int, _ center: SIMD8<Double>, _ factor: SIMD8<Double>, _ offset: SIMD8<Double>,
        _ choice: Choice.Type
    ) {
        let place = UnsafeMutableRawPointer(baseAddress! + index)
        let x = place.loadUnaligned(as: SIMD8<Float>.self)
        let y = (SIMD8<Double>(x) - center) * factor + offset
        place.storeBytes(of: choice.choose(SIMD8<Float>(y), x), as: SIMD8<Float>.self)
    }
}
