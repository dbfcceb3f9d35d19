package import MedPrepCore

/// A box of a tensor whose axes are turned, in place of the copy that would hold it.
package struct View: Hashable, Sendable {
    /// Index in the view to index in the tensor: whole numbers, a signed permutation of the axes.
    package let map: Affine
    package let extent: SIMD3<Int>

    package init(map: Affine, extent: SIMD3<Int>) { (self.map, self.extent) = (map, extent) }

    /// How its axes run through a tensor of this extent; nil: not along its axes.
    func axes(in extent: SIMD3<Int>) -> [AxisMotion]? {
        switch Motion(map, from: extent, to: self.extent) {
        case .identity: (0..<3).map { AxisMotion(shifting: $0, count: extent[$0]) }
        case .axes(let axes): axes
        case .oblique: nil
        }
    }

    /// True where every voxel is seen of a tensor that holds so many.
    func isWhole(_ voxelCount: Int) -> Bool { extent.x * extent.y * extent.z == voxelCount }
}
