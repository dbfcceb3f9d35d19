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
