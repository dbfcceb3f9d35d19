import MedPrepKernels

/// The numbers of all scaled voxels in Double, in file order; non-finite ones are counted and left out.
public struct NIfTIStatistics: Hashable, Sendable {
    /// As stored, so possibly NaN.
    public private(set) var first = Double.nan
    public private(set) var last = Double.nan
    /// Finite or not.
    public private(set) var voxelCount = 0
    private var moments = RunningMoments()

    init() {}

    /// NaN without a finite voxel, as are the next three.
    public var min: Double { moments.min }
    public var max: Double { moments.max }
    public var mean: Double { moments.mean }
    /// √(Σ(x − mean)²/count).
    public var standardDeviation: Double { moments.variance.squareRoot() }
    public var nanCount: Int { moments.nanCount }
    public var infiniteCount: Int { moments.infiniteCount }

    mutating func add(_ values: UnsafeBufferPointer<Double>) {
        guard let first = values.first, let last = values.last else { return }
        if voxelCount == 0 { self.first = first }
        self.last = last
        voxelCount += values.count
        moments.add(values)
    }
}
