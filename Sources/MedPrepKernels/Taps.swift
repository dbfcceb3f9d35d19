package import MedPrepCore

/// What each output of one axis is made of: `width` neighbours from `starts[i]` on, with their weights. Weights are
/// worked out in Double and rounded once.
package struct Taps: Sendable {
    /// The outputs inside the field of view; the tables hold these only.
    package let inside: Range<Int>
    /// Neighbours of each output.
    package let width: Int
    /// The first neighbour, on an endless lattice.
    package let starts: [Int]
    /// `width` weights for each output.
    package let weights: [Float]
    /// Voxels of the lattice.
    package let size: Int
    /// How the lattice goes on.
    package let boundary: Boundary

    package init(_ motion: AxisMotion, lattice: Lattice, sampling: Sampling) {
        let range = sampling.inside(lattice.voxels)
        let coordinates = (0..<motion.count).map(motion.coordinate)
        let first = coordinates.firstIndex(where: range.contains) ?? 0
        let last = coordinates.lastIndex(where: range.contains) ?? -1
        inside = first..<last + 1
        (size, boundary) = (lattice.size, lattice.boundary)
        var starts = [Int]()
        var weights = [Float]()
        starts.reserveCapacity(inside.count)
        let interpolation = motion.isWhole ? .nearest : sampling.interpolation
        for output in inside {
            var c = coordinates[output]
            switch interpolation {
            case .nearest:
                starts.append(nearestIndex(c) + lattice.padding)
                weights.append(1)
            case .linear:
                if lattice.boundary == .edge { c = min(max(c, 0), Double(lattice.voxels - 1)) }
                let floor = c.rounded(.down)
                starts.append(Int(floor))
                weights += [Float(1 - (c - floor)), Float(c - floor)]
            case .bspline3:
                let floor = c.rounded(.down)
                starts.append(Int(floor) - 1 + lattice.padding)
                let w = cubicWeights(c - floor)
                weights += [Float(w[0]), Float(w[1]), Float(w[2]), Float(w[3])]
            }
        }
        width = interpolation == .nearest ? 1 : interpolation == .linear ? 2 : 4
        (self.starts, self.weights) = (starts, weights)
    }

    /// The voxel that neighbour `tap` of the `output`-th inside output is; nil: the fill value.
    package func index(_ output: Int, _ tap: Int) -> Int? { boundary.fold(starts[output] + tap, size) }

    /// The span of voxels that these outputs read; empty where all read the fill value.
    func span(_ outputs: Range<Int>) -> Range<Int> {
        var (low, high) = (Int.max, -1)
        for output in outputs {
            for tap in 0..<width {
                if let index = index(output, tap) { (low, high) = (min(low, index), max(high, index)) }
            }
        }
        return high < 0 ? 0..<0 : low..<high + 1
    }
}

/// One axis as an interpolation reads it: the voxels, and what a B-spline's prefilter needs around them.
package struct Lattice: Hashable, Sendable {
    /// Voxels of the source.
    package let voxels: Int
    /// Samples added on either side.
    package let padding: Int
    package let boundary: Boundary

    /// - Parameter isFiltered: the axis is read between its voxels.
    package init(_ voxels: Int, sampling: Sampling, isFiltered: Bool) {
        self.voxels = voxels
        let boundary = sampling.resolvedBoundary
        guard sampling.interpolation == .bspline3, isFiltered else {
            (padding, self.boundary) = (0, boundary)
            return
        }
        padding = boundary == .edge || boundary == .constant ? 12 : 0
        self.boundary = padding > 0 ? .reflect : boundary == .constantSharp ? .mirror : boundary
    }

    /// Samples in all.
    package var size: Int { voxels + 2 * padding }
}

/// The cubic B-spline at the four lattice points around a place `t` in 0…1 behind the second.
func cubicWeights(_ t: Double) -> SIMD4<Double> {
    let (s, t2) = (1 - t, t * t)
    return SIMD4(s * s * s, 3 * t2 * t - 6 * t2 + 4, 3 * s * s * s - 6 * s * s + 4, t2 * t) / 6
}
