extension ChannelValues {
    /// Counts of equal bins over [`lower`, `upper`]: bin k holds edge_k ≤ x < edge_(k + 1), the last one `upper` too.
    ///
    /// The edges are lower + k·(upper − lower)/bins in Double, and a value near one is compared with it.
    ///
    /// - Precondition: lower < upper, every value is within them, at least one bin.
    package func histogram(bins: Int, lower: Double, upper: Double) -> [Int] {
        precondition(bins >= 1 && lower < upper, "\(bins) bins over \(lower)...\(upper)")
        let width = (upper - lower) / Double(bins)
        let edges = (0...bins).map { lower + Double($0) * width }
        return counts(bins) { values, table in
            edges.withUnsafeBufferPointer { edges in
                for value in values {
                    let x = Double(value)
                    var bin = Int(min(max((x - lower) / width, 0), Double(bins - 1)))
                    if x < edges[bin], bin > 0 {
                        bin -= 1
                    } else if bin + 1 < bins, x >= edges[bin + 1] {
                        bin += 1
                    }
                    table[bin] += 1
                }
            }
        }.map { Int($0) }
    }
}
