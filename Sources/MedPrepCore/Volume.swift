/// What the voxels hold, where they are, what they mean and where they came from.
public struct Volume: Sendable {
    public var tensor: Tensor
    public var grid: Grid
    public var role: Role
    public var source: Source

    /// Precondition: the tensor fills the grid.
    public init(tensor: consuming Tensor, grid: Grid, role: Role = .image, source: Source = Source()) {
        precondition(tensor.shape.extent == grid.extent, "tensor \(tensor.shape) on a grid of \(grid.extent)")
        self.tensor = tensor
        (self.grid, self.role, self.source) = (grid, role, source)
    }

    /// An image whose voxels are still to come.
    package init(arrivingOn grid: Grid, source: Source = Source()) {
        (tensor, self.grid, role, self.source) = (.nothing, grid, .image, source)
    }

    public enum Role: String, Sendable {
        /// Intensities: every step applies.
        case image
        /// Whole numbers that name structures: spatial steps only, written in an integer type.
        case label
        /// Where a case's statistics are taken: spatial steps only, not written.
        case mask
    }

    /// What the output must still know of the file.
    public struct Source: Hashable, Sendable {
        /// The type the file stored.
        public var elementType: ElementType
        /// The NIfTI xform code (1 scanner … 5) that the affine had; 0 where the orientation is unknown.
        public var spaceCode: Int
        /// Its texts and extensions, where the output is to keep them; nil, as a rule.
        public var headerText: HeaderText?

        public init(
            elementType: ElementType = .float32, spaceCode: Int = 1, headerText: HeaderText? = nil
        ) {
            (self.elementType, self.spaceCode, self.headerText) = (elementType, spaceCode, headerText)
        }
    }
}
