public import MedPrepCore

extension Tensor {
    /// Skewed values around `mean` that depend on the seed alone (SplitMix64).
    public static func random(_ shape: Shape, seed: UInt64, mean: Double = 0, spread: Double = 1) -> Tensor {
        var state = seed
        let values = (0..<shape.count).map { _ -> Float in
            state &+= 0x9e37_79b9_7f4a_7c15
            var bits = state
            bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
            bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
            bits ^= bits >> 31
            let uniform = Double(bits >> 11) / 4_503_599_627_370_496 - 1
            return Float(mean + spread * (uniform + uniform * uniform / 2))
        }
        return Tensor(shape, values)
    }

    /// The values of one channel of one sample, in index order.
    public func channel(_ channel: Int, sample: Int = 0) -> [Float] {
        let (values, first) = (self.values, sample * shape.sampleCount)
        return (0..<shape.voxelCount).map { values[first + $0 * shape.c + channel] }
    }
}
