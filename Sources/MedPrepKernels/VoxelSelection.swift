package import MedPrepCore

/// Which values statistics are taken from. Values that are not finite never count.
package enum VoxelSelection: Sendable {
    case all
    /// x ≠ 0
    case nonzero
    /// x > 0
    case positive
    /// Where the mask, one channel on the same grid and samples, is above 0; it holds for every channel.
    case mask(Tensor)
    /// x > threshold of the sample and channel.
    case above([[Double]])
}

extension VoxelSelection {
    /// Whether a value of a channel of the first sample is selected, where its number alone decides; nil: its place does.
    var rule: (@Sendable (_ channel: Int, _ value: Float) -> Bool)? {
        switch self {
        case .all: { _, _ in true }
        case .nonzero: { $1 != 0 }
        case .positive: { $1 > 0 }
        case .mask: nil
        case .above(let thresholds): { Double($1) > thresholds[0][$0] }
        }
    }

    /// The selection as one slab sees it.
    enum OnSlab {
        case all, nonzero, positive
        case mask(UnsafeBufferPointer<Float>)
        /// By channel.
        case above([Double])

        /// The same selection for some of the slab's voxels.
        func part(_ voxels: Range<Int>) -> OnSlab {
            if case .mask(let mask) = self {
                .mask(UnsafeBufferPointer(rebasing: mask[voxels]))
            } else {
                self
            }
        }
    }

    /// Calls `body` with the selection on slab `index` of a tensor with this `shape`.
    func onSlab<Result>(_ index: Int, of shape: Shape, _ body: (OnSlab) -> Result) -> Result {
        switch self {
        case .all: return body(.all)
        case .nonzero: return body(.nonzero)
        case .positive: return body(.positive)
        case .mask(let mask):
            // Slabs are cut by voxels, so the mask's slab covers the same voxels as the tensor's.
            let range = mask.shape.slabs[index]
            return mask.withUnsafeValues { body(.mask(UnsafeBufferPointer(rebasing: $0[range]))) }
        case .above(let thresholds): return body(.above(thresholds[shape.slabs.sample(of: index)]))
        }
    }

    /// A mask must be one channel on the tensor's grid and samples; thresholds are one for each sample and channel.
    func fits(_ shape: Shape) -> Bool {
        switch self {
        case .all, .nonzero, .positive: return true
        case .mask(let mask):
            var expected = shape
            expected.c = 1
            return mask.shape == expected
        case .above(let thresholds):
            return shape.fits(thresholds)
        }
    }
}

/// Copies the finite, selected values of one channel to the front of `kept`, in index order.
///
/// - Returns: how many were kept, and how many of the channel (inside a mask) are not finite.
/// - Cost: one pass without branches; a value that is not kept is overwritten by the next one.
func gather(
    _ x: UnsafeBufferPointer<Float>, channel: Int, of channels: Int, where selection: VoxelSelection.OnSlab,
    into kept: UnsafeMutableBufferPointer<Float>
) -> (kept: Int, nonfinite: Int) {
    var (count, nonfinite) = (0, 0)
    // Magnitude bits order floats: below `infinite` is finite, and minus 1 wraps a zero to the top.
    let infinite = Float.infinity.bitPattern
    switch selection {
    case .all:
        let values = pick(x, channel: channel, of: channels, into: kept)
        // Where all are finite, and nearly always they are, no value's place hangs on the one before it.
        var largest: UInt32 = 0
        for i in 0..<values.count {
            kept[i] = values[i]
            largest = max(largest, values[i].magnitude.bitPattern)
        }
        if largest < infinite { return (values.count, 0) }
        for value in values {
            kept[count] = value
            let finite = value.magnitude.bitPattern < infinite ? 1 : 0
            count &+= finite
            nonfinite &+= 1 &- finite
        }
    case .nonzero:
        return gatherEights(
            pick(x, channel: channel, of: channels, into: kept), into: kept, NonzeroBits.self)
    case .positive:
        return gatherEights(
            pick(x, channel: channel, of: channels, into: kept), into: kept, PositiveBits.self)
    case .mask(let mask):
        for voxel in 0..<mask.count {
            let value = x[voxel &* channels &+ channel]
            kept[count] = value
            let inside = mask[voxel] > 0 ? 1 : 0
            let finite = value.magnitude.bitPattern < infinite ? 1 : 0
            count &+= inside & finite
            nonfinite &+= inside & (1 &- finite)
        }
    case .above(let thresholds):
        let threshold = thresholds[channel]
        for i in stride(from: channel, to: x.count, by: channels) {
            kept[count] = x[i]
            let finite = x[i].magnitude.bitPattern < infinite ? 1 : 0
            count &+= finite & (Double(x[i]) > threshold ? 1 : 0)
            nonfinite &+= 1 &- finite
        }
    }
    return (count, nonfinite)
}

/// The values of one channel: where they lie if there is no other, else copied to `room`.
private func pick(
    _ x: UnsafeBufferPointer<Float>, channel: Int, of channels: Int,
    into room: UnsafeMutableBufferPointer<Float>
) -> UnsafeBufferPointer<Float> {
    if channels == 1 { return x }
    let voxels = x.count / channels
    copyChannel(x, at: ChannelPlace(channel, of: channels), to: room, at: .plane, voxels: voxels)
    return UnsafeBufferPointer(rebasing: room[..<voxels])
}

/// A selection that the bits of a value decide, as whole numbers with a sign: what is finite and above 0 is kept.
private protocol SelectingBits {
    static func of(_ bits: SIMD8<Int32>) -> SIMD8<Int32>
}

private enum NonzeroBits: SelectingBits {
    @inline(__always)
    static func of(_ bits: SIMD8<Int32>) -> SIMD8<Int32> { bits & SIMD8(repeating: .max) }
}

private enum PositiveBits: SelectingBits {
    @inline(__always)
    static func of(_ bits: SIMD8<Int32>) -> SIMD8<Int32> { bits }
}

/// `gather` of one channel, which may lie in `kept`: eight zeros, or eight that are kept, go at once, as outside the head
/// and inside it.
private func gatherEights<Bits: SelectingBits>(
    _ x: UnsafeBufferPointer<Float>, into kept: UnsafeMutableBufferPointer<Float>, _: Bits.Type
) -> (kept: Int, nonfinite: Int) {
    guard let x0 = x.baseAddress, let kept = kept.baseAddress else { return (0, 0) }
    var (count, nonfinite) = (0, 0)
    let infinite = Int32(bitPattern: Float.infinity.bitPattern)
    @inline(__always)
    func one(_ value: Float) {
        kept[count] = value
        let bits = Bits.of(SIMD8(repeating: Int32(bitPattern: value.bitPattern)))[0]
        count &+= bits > 0 && bits < infinite ? 1 : 0
        nonfinite &+= value.magnitude.bitPattern < UInt32(bitPattern: infinite) ? 0 : 1
    }
    let (first, last) = (SIMD8<Int32>.zero, SIMD8(repeating: infinite))
    let whole = x.count & ~7
    for i in stride(from: 0, to: whole, by: 8) {
        if areZero(x0 + i) { continue }
        let bits = UnsafeRawPointer(x0 + i).loadUnaligned(as: SIMD8<Int32>.self)
        let chosen = Bits.of(bits)
        let left = unsafeBitCast((chosen .<= first) .| (chosen .>= last), to: SIMD4<UInt64>.self)
        let pairs = left.lowHalf | left.highHalf
        if pairs[0] | pairs[1] == 0 {
            UnsafeMutableRawPointer(kept + count).storeBytes(of: bits, as: SIMD8<Int32>.self)
            count &+= 8
        } else {
            for voxel in i..<i + 8 { one(x0[voxel]) }
        }
    }
    for voxel in whole..<x.count { one(x0[voxel]) }
    return (count, nonfinite)
}
