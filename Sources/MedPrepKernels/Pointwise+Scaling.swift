import CMedPrepKernels
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
            MedPrepKernels.scale(slab, by: scalings[slabs.sample(of: index)], lanes)
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

/// Which values a scaling changes; the others stay as they are.
enum ValueChoice: Int32 {
    case every, nonzero, positive

    func holds(_ x: Float) -> Bool {
        switch self {
        case .every: true
        case .nonzero: x != 0
        case .positive: x > 0
        }
    }
}

/// One slab, each channel by its own scaling.
func scale(
    _ x: UnsafeMutableBufferPointer<Float>, by scalings: [Scaling], _ lanes: ChannelLanes,
    _ choice: ValueChoice = .every
) {
    let patterns = x.count / lanes.count
    lanes.withRows(3) { rows in
        let (centers, factors, offsets) = (rows[0], rows[1], rows[2])
        lanes.fill(centers) { scalings[$0].center }
        lanes.fill(factors) { scalings[$0].factor }
        lanes.fill(offsets) { scalings[$0].offset }
        medprep_scale(
            x.baseAddress, centers.lanes, factors.lanes, offsets.lanes, choice.rawValue, patterns, lanes.count
        )
    }
    for i in patterns * lanes.count..<x.count where choice.holds(x[i]) {
        x[i] = scalings[i % lanes.channels](x[i])
    }
}
