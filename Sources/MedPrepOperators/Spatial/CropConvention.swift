internal import MedPrepCore

/// Where the odd voxel goes when a size changes by an odd number.
public enum CropConvention: String, CaseIterable, ParameterValue {
    /// Crop from ⌊n/2⌋ − ⌊m/2⌋; pad ⌊w/2⌋ in front: the extra voxel at the end.
    case monai
    /// ⌈δ/2⌉ in front for crop and pad: the extra voxel at the start.
    case torchio

    /// Where `size` voxels begin in the middle of `count`; negative: that many are padded in front.
    func start(_ count: Int, _ size: Int) -> Int {
        switch self {
        case .monai: size <= count ? count / 2 - size / 2 : -((size - count) / 2)
        case .torchio: size <= count ? (count - size + 1) / 2 : -((size - count + 1) / 2)
        }
    }
}

/// The sizes a step asks for, where null or −1 keep the axis.
extension Triplet<Int?> {
    /// The size of each axis after the step.
    func sizes(_ extent: SIMD3<Int>) -> SIMD3<Int> {
        func size(_ asked: Int?, _ present: Int) -> Int { asked.flatMap { $0 > 0 ? $0 : nil } ?? present }
        return SIMD3(size(x, extent.x), size(y, extent.y), size(z, extent.z))
    }

    /// A size is at least 1, or −1.
    func checkSizes(_ stem: String) throws(ParameterError) {
        if numbers.contains(0) {
            throw .outOfRange(stem, found: 0, expected: "at least 1, or -1 or null to keep the axis")
        }
    }
}
