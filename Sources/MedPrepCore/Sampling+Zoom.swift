extension Sampling {
    /// nnU-Net's way of reading (SEMANTICS 7.3): both grids share one field of view, so that sizes alone decide.
    ///
    ///     c(o) = (o + ½)·n/n' − ½ along each axis, the lattice going on with its edge
    ///
    /// Worked out in Double. Images stay within the range of the channel or, where slices stand apart, of the slice.
    public struct Zoom: Hashable, Sendable {
        public var order: SplineOrder
        /// The axis that is read on its own, after the slices across it; nil: all three are one.
        public var apart: Apart?

        public init(order: SplineOrder, apart: Apart? = nil) {
            (self.order, self.apart) = (order, apart)
        }
    }

    /// An axis of coarse voxels.
    public struct Apart: Hashable, Sendable {
        /// 0, 1 or 2 for i, j or k.
        public var axis: Int
        public var order: SplineOrder

        public init(axis: Int, order: SplineOrder) {
            (self.axis, self.order) = (axis, order)
        }
    }
}

/// The degree of the B-spline between voxels.
public enum SplineOrder: Int, CaseIterable, Sendable {
    /// Index ⌊c + ½⌋.
    case nearest = 0
    case linear = 1
    case cubic = 3
}

/// Which label wins where several score highest (SEMANTICS 7.2).
public enum Tiebreak: String, CaseIterable, Sendable {
    /// The label of the nearest voxel if it is among them, else the smallest.
    case nearest
    case lowest
    case highest
    /// No vote: the largest label that reaches one half, 0 where none does.
    case threshold
}
