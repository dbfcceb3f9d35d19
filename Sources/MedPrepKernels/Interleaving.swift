/// One channel of interleaved voxels to its places: to[v·stride + offset] = plane[v].
package func scatter(
    _ plane: UnsafeBufferPointer<Float>, to values: UnsafeMutableBufferPointer<Float>, stride: Int,
    offset: Int
) {
    for voxel in plane.indices { values[voxel * stride + offset] = plane[voxel] }
}

/// One channel of interleaved voxels: plane[v] = values[v·stride + offset].
package func gather(
    _ values: UnsafeBufferPointer<Float>, stride: Int, offset: Int,
    to plane: UnsafeMutableBufferPointer<Float>
) {
    for voxel in plane.indices { plane[voxel] = values[voxel * stride + offset] }
}
