package import MedPrepCore

extension Tensor {
    /// Standardizes the values of each cell among themselves, in place.
    ///
    ///     y = (x − mean)/sqrt(variance + epsilon), mean and variance over `axes`
    ///
    /// Two passes in Double over the finite values of a cell, in index order. A cell without a finite value stays as
    /// it is; elsewhere infinity becomes what the formula makes of it.
    ///
    /// - Cost: one pass over memory where neighbouring cells share cache lines; no statistics are stored.
    package mutating func standardizeCells(over axes: TensorAxes, epsilon: Double, _ workers: Workers) {
        let cells = AxisCells(shape, over: axes)
        withUnsafeMutableValues { values in
            // Cells do not overlap, so threads never share a value.
            nonisolated(unsafe) let values = values
            cells.forEachRun(workers) { _, run, room in
                for cell in run { standardize(values, cells, from: cells.first(of: cell), epsilon, room) }
            }
        }
    }
}

/// The cell that begins at `first`.
private func standardize(
    _ x: UnsafeMutableBufferPointer<Float>, _ cells: AxisCells, from first: Int, _ epsilon: Double,
    _ room: UnsafeMutableBufferPointer<Float>
) {
    let finite = cells.gather(UnsafeBufferPointer(x), from: first, into: room)
    if finite.isEmpty { return }
    var (sum, squares) = (0.0, 0.0)
    for value in finite { sum += Double(value) }
    let mean = sum / Double(finite.count)
    for value in finite { squares += (Double(value) - mean) * (Double(value) - mean) }
    let root = (squares / Double(finite.count) + epsilon).squareRoot()
    for offset in cells.offsets { x[first &+ offset] = Float((Double(x[first &+ offset]) - mean) / root) }
}
