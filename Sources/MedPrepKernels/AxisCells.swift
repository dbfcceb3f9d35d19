import MedPrepCore

/// How the values of a tensor fall into cells when some axes are averaged over: the values of one cell differ in their
/// indices along those axes alone.
struct AxisCells {
    /// How many.
    let count: Int
    /// Where the values of a cell lie, from its first on, ascending.
    let offsets: [Int]
    /// Sizes and strides of the axes that are kept, the fastest first.
    private let kept: [(size: Int, stride: Int)]

    init(_ shape: Shape, over axes: TensorAxes) {
        var (stride, kept, offsets) = (1, [(size: Int, stride: Int)](), [0])
        for (axis, size) in zip(TensorAxes.ordered, shape.sizes).reversed() {
            if axes.contains(axis) {
                offsets = (0..<size).flatMap { index in offsets.map { $0 + index * stride } }
            } else {
                kept.append((size, stride))
            }
            stride *= size
        }
        (self.kept, self.offsets) = (kept, offsets)
        count = kept.reduce(1) { $0 * $1.size }
    }

    /// The offset of a cell's first value.
    func first(of cell: Int) -> Int {
        var (rest, offset) = (cell, 0)
        for axis in kept {
            let (quotient, index) = rest.quotientAndRemainder(dividingBy: axis.size)
            offset += index * axis.stride
            rest = quotient
        }
        return offset
    }

    /// Cells that one task takes; the shape alone decides.
    private var runLength: Int { max(1, Slabs.voxelsPerSlab / offsets.count) }
    var runCount: Int { (count + runLength - 1) / runLength }

    /// Calls `body` with the index of each run of cells, the run, and room for the values of one cell.
    func forEachRun(
        _ workers: Workers, _ body: (Int, Range<Int>, UnsafeMutableBufferPointer<Float>) -> Void
    ) {
        let (count, length, size) = (count, runLength, offsets.count)
        forEachIndex(runCount, workers) { run in
            let cells = run * length..<min((run + 1) * length, count)
            withUnsafeTemporaryAllocation(of: Float.self, capacity: size) { body(run, cells, $0) }
        }
    }

    /// Copies the finite values of the cell that begins at `first` to the front of `room`, in index order.
    func gather(
        _ x: UnsafeBufferPointer<Float>, from first: Int, into room: UnsafeMutableBufferPointer<Float>
    ) -> UnsafeMutableBufferPointer<Float> {
        var count = 0
        for offset in offsets {
            let value = x[first &+ offset]
            room[count] = value
            count &+= value.isFinite ? 1 : 0
        }
        return UnsafeMutableBufferPointer(rebasing: room[..<count])
    }
}
