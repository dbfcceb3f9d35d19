package import MedPrepCore

/// Where one channel lies among interleaved values: voxel v at v·stride + offset.
package struct ChannelPlace: Hashable, Sendable {
    package let stride: Int
    package let offset: Int

    /// - Parameter stride: the channels of a voxel.
    package init(_ offset: Int, of stride: Int) { (self.stride, self.offset) = (stride, offset) }

    /// A channel alone.
    package static let plane = ChannelPlace(0, of: 1)
}

/// Voxel by voxel: target[v·t.stride + t.offset] = source[v·s.stride + s.offset].
package func copyChannel(
    _ source: UnsafeBufferPointer<Float>, at s: ChannelPlace, to target: UnsafeMutableBufferPointer<Float>,
    at t: ChannelPlace, voxels: Int
) {
    precondition(
        voxels == 0
            || (voxels - 1) * s.stride + s.offset < source.count
                && (voxels - 1) * t.stride + t.offset < target.count,
        "\(voxels) voxels from \(source.count) values to \(target.count)")
    guard let from = source.baseAddress, let to = target.baseAddress else { return }
    var voxel = 0
    if s.stride == 4, t == .plane {
        // Four voxels at a time: a lane of each.
        let whole = min(voxels, source.count / 4)
        while voxel &+ 4 <= whole {
            let four = UnsafeRawPointer(from + 4 &* voxel).loadUnaligned(as: SIMD16<Float>.self)
            let half = s.offset & 1 == 0 ? four.evenHalf : four.oddHalf
            let quarter = s.offset & 2 == 0 ? half.evenHalf : half.oddHalf
            UnsafeMutableRawPointer(to + voxel).storeBytes(of: quarter, as: SIMD4<Float>.self)
            voxel &+= 4
        }
    }
    while voxel < voxels {
        to[voxel &* t.stride &+ t.offset] = from[voxel &* s.stride &+ s.offset]
        voxel &+= 1
    }
}

/// Channels that lie apart, side by side: target[v·C + c] = planes[c][v].
package func interleave(
    _ planes: [UnsafePointer<Float>], to target: UnsafeMutableBufferPointer<Float>, voxels: Int
) {
    precondition(target.count == voxels * planes.count, "\(voxels) voxels of \(planes.count) channels")
    guard let to = target.baseAddress else { return }
    // All channels of a voxel in one go, so that a line of the target is written once.
    switch planes.count {
    case 2:
        let (a, b) = (planes[0], planes[1])
        for v in 0..<voxels { (to[2 &* v], to[2 &* v &+ 1]) = (a[v], b[v]) }
    case 4:
        let (a, b, c, d) = (planes[0], planes[1], planes[2], planes[3])
        let place = UnsafeMutableRawPointer(to)
        @inline(__always)
        func four(_ plane: UnsafePointer<Float>, _ v: Int) -> SIMD4<Float> {
            UnsafeRawPointer(plane + v).loadUnaligned(as: SIMD4<Float>.self)
        }
        let whole = voxels & ~3
        for v in stride(from: 0, to: whole, by: 4) {
            // a c a c … and b d b d …, then a b c d ….
            var (even, odd, all) = (SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD16<Float>.zero)
            (even.evenHalf, even.oddHalf) = (four(a, v), four(c, v))
            (odd.evenHalf, odd.oddHalf) = (four(b, v), four(d, v))
            (all.evenHalf, all.oddHalf) = (even, odd)
            place.storeBytes(of: all, toByteOffset: 16 &* v, as: SIMD16<Float>.self)
        }
        for v in whole..<voxels {
            place.storeBytes(of: SIMD4(a[v], b[v], c[v], d[v]), toByteOffset: 16 &* v, as: SIMD4<Float>.self)
        }
    default:
        for (channel, plane) in planes.enumerated() {
            var place = channel
            for v in 0..<voxels {
                to[place] = plane[v]
                place &+= planes.count
            }
        }
    }
}

/// The same for numbers as a file stores them.
///
/// - Precondition: `type.isShort`.
package func interleave(
    _ planes: [UnsafeRawBufferPointer], of type: ElementType, to target: UnsafeMutableRawBufferPointer,
    voxels: Int
) {
    precondition(
        type.isShort && target.count == voxels * planes.count * type.size
            && planes.allSatisfy { $0.count >= voxels * type.size },
        "\(voxels) voxels of \(planes.count) channels of \(type.rawValue)")
    if type.size == 1 {
        interleaveEach(
            planes.map { $0.bindMemory(to: UInt8.self) }, to: target.bindMemory(to: UInt8.self), voxels)
        return
    }
    let planes = planes.map { $0.bindMemory(to: UInt16.self) }
    let target = target.bindMemory(to: UInt16.self)
    guard planes.count == 4, let to = target.baseAddress, let a = planes[0].baseAddress,
        let b = planes[1].baseAddress, let c = planes[2].baseAddress, let d = planes[3].baseAddress
    else { return interleaveEach(planes, to: target, voxels) }
    // Four numbers are one word; vectors of 16 bits would be taken apart lane by lane.
    @inline(__always)
    func four(_ plane: UnsafePointer<UInt16>, _ v: Int) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(plane + v).loadUnaligned(as: UInt64.self))
    }
    @inline(__always)
    func store(_ low: UInt64, _ high: UInt64, _ v: Int) {
        let word = (low & 0xffff_ffff) | high << 32
        UnsafeMutableRawPointer(to + 4 &* v).storeBytes(of: word.littleEndian, as: UInt64.self)
    }
    let (evens, whole): (UInt64, Int) = (0x0000_ffff_0000_ffff, voxels & ~3)
    for v in stride(from: 0, to: whole, by: 4) {
        let words = (four(a, v), four(b, v), four(c, v), four(d, v))
        // a0 b0 a2 b2 and c0 d0 c2 d2, then those between them.
        let (ab, cd) = (words.0 & evens | (words.1 & evens) << 16, words.2 & evens | (words.3 & evens) << 16)
        store(ab, cd, v)
        store(ab >> 32, cd >> 32, v &+ 2)
        let (ba, dc) = (words.0 >> 16 & evens | words.1 & ~evens, words.2 >> 16 & evens | words.3 & ~evens)
        store(ba, dc, v &+ 1)
        store(ba >> 32, dc >> 32, v &+ 3)
    }
    for v in whole..<voxels {
        for (channel, plane) in [a, b, c, d].enumerated() { to[4 &* v &+ channel] = plane[v] }
    }
}

private func interleaveEach<Element>(
    _ planes: [UnsafeBufferPointer<Element>], to target: UnsafeMutableBufferPointer<Element>, _ voxels: Int
) {
    for (channel, plane) in planes.enumerated() {
        var place = channel
        for v in 0..<voxels {
            target[place] = plane[v]
            place &+= planes.count
        }
    }
}
