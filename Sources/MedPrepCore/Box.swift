/// A box of voxels in index space, half-open: `lower` is in, `upper` is not. It may leave the grid it is used on.
public struct Box: Hashable, Sendable {
    /// First voxel (i, j, k).
    public var lower: SIMD3<Int>
    /// One behind the last voxel.
    public var upper: SIMD3<Int>

    public init(lower: SIMD3<Int>, upper: SIMD3<Int>) {
        (self.lower, self.upper) = (lower, upper)
    }

    public var extent: SIMD3<Int> { upper &- lower }
    public var isEmpty: Bool { (0..<3).contains { upper[$0] <= lower[$0] } }

    /// `margin` voxels more (or, where negative, fewer) on both sides of each axis.
    public func grown(by margin: SIMD3<Int>) -> Box {
        Box(lower: lower &- margin, upper: upper &+ margin)
    }

    /// What both boxes hold; empty boxes are possible.
    public func clamped(to other: Box) -> Box {
        Box(
            lower: lower.replacing(with: other.lower, where: lower .< other.lower),
            upper: upper.replacing(with: other.upper, where: upper .> other.upper))
    }

    /// The smallest box around both.
    package func joined(with other: Box) -> Box {
        Box(lower: pointwiseMin(lower, other.lower), upper: pointwiseMax(upper, other.upper))
    }

    public func contains(_ other: Box) -> Bool {
        (0..<3).allSatisfy { lower[$0] <= other.lower[$0] && other.upper[$0] <= upper[$0] }
    }
}
