public import MedPrepCore

/// A step that says *where*: which grid comes after a grid, and how to read between voxels. One resampler moves the
/// voxels of image, labels and masks alike, so they stay on one grid.
///
/// The law of space: the world position of a voxel's value never changes.
public protocol SpatialOperator: Operator {
    /// The grid that a volume on `grid` gets. `box` is what `box(around:on:context:)` chose; the plan, which has no voxels,
    /// passes nil and gets the upper bound.
    func grid(after grid: Grid, box: Box?) throws(OperatorError) -> Grid

    /// How images are read between and beyond voxels.
    func sampling(of volume: Volume) -> Sampling
    /// How labels and masks are read.
    var labelSampling: Sampling { get }
    /// The same where it depends on the grid that they lie on; `labelSampling` unless a step says otherwise.
    func labelSampling(on grid: Grid) -> Sampling

    /// True where images are limited to the range they had before (a B-spline can overshoot).
    var clipToInputRange: Bool { get }

    /// True where the grid depends on voxels or masks, so that `foreground(in:context:)` must be asked.
    var dependsOnVoxels: Bool { get }
    /// The box around the voxels, of the image or a mask, that decide; nil: there are none. The image may still wait
    /// for its axes to be turned, so this must not depend on where they point or which comes first.
    func foreground(in image: Volume, context: inout Context) throws(OperatorError) -> Box?
    /// The voxels to keep, in index space of `grid`, as the foreground is; nil: all.
    func box(around foreground: Box?, on grid: Grid, context: inout Context) throws(OperatorError) -> Box?

    /// True where each output is one voxel, or a value that no voxel decides: axes that an earlier step turns may wait
    /// and be turned by this step's copy.
    var picksVoxels: Bool { get }
    /// True where axes and a box may wait for this step though it reads between voxels: nothing but the grid they are seen
    /// on, and what lies on it, decides the result.
    var readsThroughViews: Bool { get }

    /// True where voxels are read as a file stores them: whole numbers of 8 or 16 bits need not become Floats first.
    var readsNumbers: Bool { get }

    /// True where the planes of an image can be read one by one, as they come from a file: its sampling hangs on no voxel.
    /// It is asked only where no range is kept, no voxel decides and no reference is named.
    var readsPlanes: Bool { get }

    /// True where images lose or gain nothing but zeros, whatever box was chosen: what was counted stays known.
    ///
    /// - Parameter lowest: the lowest value of any channel before the step.
    func changesOnlyZeros(lowest: Double) -> Bool

    /// Changes a label map, before it moves, by the image it lies on (crop_nonzero names what lies outside).
    func mark(_ labels: inout Tensor, on image: Tensor, _ workers: Workers)
    /// Bytes that `mark` takes for an image of this shape.
    func markingBytes(_ shape: Shape) -> Int

    /// The grid that another image or file must supply before `grid(after:box:)` can answer; nil: none.
    var reference: GridReference? { get }
    /// The same step with the reference filled in.
    func resolved(on grid: Grid) -> Self

    /// True where `grid(after:box:)` can answer only once the step has seen the grids of the whole data set.
    var learnsGrids: Bool { get }
    /// The same step with what it learns from the image grids of all cases before it, in name order.
    func resolved(onAll grids: [Grid]) throws(OperatorError) -> Self

    /// Doubts about this step on this grid (`aliasing_risk`, `unknown_orientation` kept).
    func note(on grid: Grid, in context: inout Context)
}

extension SpatialOperator {
    public var labelSampling: Sampling { .label }
    public func labelSampling(on grid: Grid) -> Sampling { labelSampling }
    public var clipToInputRange: Bool { false }
    public var dependsOnVoxels: Bool { false }
    public func foreground(in image: Volume, context: inout Context) throws(OperatorError) -> Box? { nil }
    public func box(
        around foreground: Box?, on grid: Grid, context: inout Context
    ) throws(OperatorError) -> Box? { foreground }
    public var picksVoxels: Bool { false }
    public var readsThroughViews: Bool { false }
    public var readsNumbers: Bool { picksVoxels }
    public var readsPlanes: Bool { false }
    public func changesOnlyZeros(lowest: Double) -> Bool { false }
    public func mark(_ labels: inout Tensor, on image: Tensor, _ workers: Workers) {}
    public func markingBytes(_ shape: Shape) -> Int { 0 }
    public var reference: GridReference? { nil }
    public func resolved(on grid: Grid) -> Self { self }
    public var learnsGrids: Bool { false }
    public func resolved(onAll grids: [Grid]) throws(OperatorError) -> Self { self }
    public func note(on grid: Grid, in context: inout Context) {}

    /// The voxels to keep, in index space of the image's grid; nil: all.
    public func box(in image: Volume, context: inout Context) throws(OperatorError) -> Box? {
        guard dependsOnVoxels else { return nil }
        let foreground = try foreground(in: image, context: &context)
        return try box(around: foreground, on: image.grid, context: &context)
    }
}

/// Where a step takes its grid from.
public enum GridReference: Hashable, Sendable {
    /// The name of an image of the case, or the path of a NIfTI file.
    case named(String)
    case grid(Grid)
}

extension GridReference: ParameterValue {
    public static var form: ParameterForm {
        .either([
            .text,
            .object([.init("affine", .list(.list(.number))), .init("shape_dhw", .list(.integer))]),
        ])
    }

    public init?(json: JSONValue) {
        if let name = json.string {
            self = .named(name)
            return
        }
        guard let members = json.members, members.count == 2, let matrix = json["affine"]?.array,
            let shape = json["shape_dhw"]?.array
        else { return nil }
        let rows = matrix.compactMap { $0.array?.compactMap(\.double) }
        let sizes = shape.compactMap(\.int)
        guard matrix.count == 4, rows.count == 4, rows.allSatisfy({ $0.count == 4 }),
            rows[3] == [0, 0, 0, 1],
            shape.count == 3, sizes.count == 3, Shape.count(of: sizes) != nil
        else { return nil }
        let affine = Affine(rows: rows)
        guard !affine.isSingular else { return nil }
        self = .grid(Grid(extent: SIMD3(sizes[2], sizes[1], sizes[0]), affine: affine))
    }

    public var json: JSONValue {
        switch self {
        case .named(let name): .string(name)
        case .grid(let grid):
            [
                "affine": .array(grid.affine.rows.map { .numbers($0) }),
                "shape_dhw": .integers([grid.extent.z, grid.extent.y, grid.extent.x]),
            ]
        }
    }
}
