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
