import RealModule

/// Fuzzy c-means of single numbers: Bezdek 1981, as scikit-fuzzy iterates it.
///
///     v_i = Σ u_ij^m x_j / Σ u_ij^m,  u_ij = d_ij^(−2/(m − 1)) / Σ_k d_kj^(−2/(m − 1)),  d_ij = |x_j − v_i| ≥ 2.2e-16
///
/// until ‖U − U_old‖ < `error` or `iterations` are done. No memberships are stored: U follows from the centres, and
/// U_old from those before them, so a pass needs memory for the centres alone.
package struct FuzzyMeans: Hashable, Sendable {
    package var clusters: Int
    /// m, above 1.
    package var fuzziness: Double
    package var error: Double
    package var iterations: Int

    package init(clusters: Int = 3, fuzziness: Double = 2, error: Double = 0.005, iterations: Int = 50) {
        (self.clusters, self.fuzziness) = (clusters, fuzziness)
        (self.error, self.iterations) = (error, iterations)
    }

    package struct Result: Hashable, Sendable {
        /// Ascending.
        package var centers: [Double]
        /// Σ u x / Σ u of each cluster, in the order of the centres.
        package var means: [Double]
        /// Passes over the values, the first among them.
        package var passes: Int
    }

    /// The clusters of the values, from these centres. Few distinct values are counted once and clustered with their
    /// counts as weights; the result is the same but for rounding.
    ///
    /// - Precondition: as many centres as clusters, and at least one value.
    package func clusters(of values: ChannelValues, from start: [Double]) -> Result {
        precondition(start.count == clusters, "\(start.count) centres for \(clusters) clusters")
        if let table = values.distinct() {
            return iterate(from: start) { centers, before in
                var sums = Sums(clusters)
                sums.add(table, centers, before, fuzziness)
                return sums
            }
        }
        return iterate(from: start) { centers, before in
            let slabs = values.mapSlabs { slab in
                var sums = Sums(clusters)
                sums.add(UnsafeBufferPointer(slab), centers, before, fuzziness)
                return sums
            }
            return slabs.reduce(into: Sums(clusters)) { $0.merge($1) }
        }
    }

    private func iterate(from start: [Double], _ pass: ([Double], [Double]) -> Sums) -> Result {
        var (centers, before) = (start, start)
        var sums = pass(centers, before)
        var passes = 1
        for _ in 0..<iterations {
            before = centers
            centers = sums.centers(after: before)
            sums = pass(centers, before)
            passes += 1
            if sums.change.squareRoot() < error { break }
        }
        let order = centers.indices.sorted { (centers[$0], $0) < (centers[$1], $1) }
        let means = sums.means(around: centers)
        return Result(centers: order.map { centers[$0] }, means: order.map { means[$0] }, passes: passes)
    }
}

/// What one pass adds up, for each cluster.
private struct Sums {
    /// Σ u^m x and Σ u^m.
    private var powered: [Double]
    private var power: [Double]
    /// Σ u x and Σ u.
    private var weighted: [Double]
    private var weight: [Double]
    /// Σ (u − u_old)² over values and clusters.
    private(set) var change = 0.0

    init(_ clusters: Int) {
        let zeros = [Double](repeating: 0, count: clusters)
        (powered, power, weighted, weight) = (zeros, zeros, zeros, zeros)
    }

    /// A cluster that no value belongs to (m near 1 underflows) stays where it was.
    func centers(after before: [Double]) -> [Double] {
        power.indices.map { power[$0] > 0 ? powered[$0] / power[$0] : before[$0] }
    }

    func means(around centers: [Double]) -> [Double] {
        weight.indices.map { weight[$0] > 0 ? weighted[$0] / weight[$0] : centers[$0] }
    }

    mutating func merge(_ other: Sums) {
        for i in power.indices {
            powered[i] += other.powered[i]
            power[i] += other.power[i]
            weighted[i] += other.weighted[i]
            weight[i] += other.weight[i]
        }
        change += other.change
    }

    mutating func add(_ table: ValueCounts, _ centers: [Double], _ before: [Double], _ fuzziness: Double) {
        withMemberships(of: centers.count) { new, old in
            for (x, count) in zip(table.values, table.counts) {
                memberships(x, centers, fuzziness, new)
                memberships(x, before, fuzziness, old)
                add(x, Double(count), new, old, fuzziness)
            }
        }
    }

    mutating func add(
        _ values: UnsafeBufferPointer<Float>, _ centers: [Double], _ before: [Double], _ fuzziness: Double
    ) {
        withMemberships(of: centers.count) { new, old in
            for x in values {
                memberships(Double(x), centers, fuzziness, new)
                memberships(Double(x), before, fuzziness, old)
                add(Double(x), 1, new, old, fuzziness)
            }
        }
    }

    @inline(__always)
    private mutating func add(
        _ x: Double, _ count: Double, _ new: UnsafeMutablePointer<Double>,
        _ old: UnsafeMutablePointer<Double>,
        _ fuzziness: Double
    ) {
        for i in power.indices {
            let u = new[i]
            let strength = (fuzziness == 2 ? u * u : Double.pow(u, fuzziness)) * count
            powered[i] += strength * x
            power[i] += strength
            weighted[i] += u * count * x
            weight[i] += u * count
            change += (u - old[i]) * (u - old[i]) * count
        }
    }
}

private func withMemberships(
    of clusters: Int, _ body: (UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void
) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * clusters) { both in
        if let base = both.baseAddress { body(base, base + clusters) }
    }
}

/// u_i = (d/d_i)^(2/(m − 1)) / Σ_k (d/d_k)^(2/(m − 1)) with d the smallest distance: no power overflows.
@inline(__always)
private func memberships(
    _ x: Double, _ centers: [Double], _ fuzziness: Double, _ u: UnsafeMutablePointer<Double>
) {
    var nearest = Double.infinity
    for i in centers.indices {
        let distance = max(abs(x - centers[i]), Double.ulpOfOne)
        u[i] = distance
        nearest = min(nearest, distance)
    }
    var total = 0.0
    for i in centers.indices {
        let ratio = nearest / u[i]
        u[i] = fuzziness == 2 ? ratio * ratio : Double.pow(ratio, 2 / (fuzziness - 1))
        total += u[i]
    }
    for i in centers.indices { u[i] /= total }
}
