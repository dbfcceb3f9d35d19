package import MedPrepCore

extension Tensor {
    /// This tensor with each cell scaled by its own centre and spread.
    ///
    /// - Parameters:
    ///   - axes: a cell is all values along these.
    ///   - selected: where statistics are taken from: this tensor, with NaN at what is left out.
    ///   - scaling: what a cell's statistics mean; nil: the cell cannot be scaled.
    /// - Returns: the statistics of the first cell that cannot be scaled, and the offset of its first value; else the
    ///   scaled tensor.
    /// - Cost: a tensor of this size; sorts the values of each cell, so meant for small ones.
    package func scaledCells(
        over axes: TensorAxes, _ center: RobustStatistics.Center, _ spread: RobustStatistics.Spread,
        selected: Tensor, _ workers: Workers, by scaling: (RobustStatistics) -> Scaling?
    ) -> ScaledCells {
        precondition(selected.shape == shape, "a selection of \(selected.shape) for \(shape)")
        let cells = AxisCells(shape, over: axes)
        var scaled = self
        var refused = [(offset: Int, found: RobustStatistics)?](repeating: nil, count: cells.runCount)
        scaled.withUnsafeMutableValues { values in
            selected.withUnsafeValues { selected in
                refused.withUnsafeMutableBufferPointer { refused in
                    // Cells do not overlap, runs have a place each, and forEachIndex returns before `scaling` ends.
                    nonisolated(unsafe) let (values, selected, refused, scaling) = (
                        values, selected, refused, scaling
                    )
                    cells.forEachRun(workers) { run, members, room in
                        for cell in members {
                            let first = cells.first(of: cell)
                            let kept = cells.gather(selected, from: first, into: room)
                            let found = RobustStatistics(sorting: kept, center: center, spread: spread)
                            guard let scaling = scaling(found) else {
                                refused[run] = (first, found)
                                return
                            }
                            for offset in cells.offsets {
                                values[first &+ offset] = scaling(values[first &+ offset])
                            }
                        }
                    }
                }
            }
        }
        if let first = refused.lazy.compactMap({ $0 }).first {
            return .refused(at: first.offset, first.found)
        }
        return .scaled(scaled)
    }
}

/// What became of a tensor whose cells were to be scaled.
package enum ScaledCells: Sendable {
    case scaled(Tensor)
    case refused(at: Int, RobustStatistics)
}
