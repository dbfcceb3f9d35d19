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
    var (from, to) = (s.offset, t.offset)
    for _ in 0..<voxels {
        target[to] = source[from]
        from += s.stride
        to += t.stride
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
        for v in 0..<voxels {
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
