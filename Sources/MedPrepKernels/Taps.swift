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
    /// True where the outputs follow each other by one voxel, all with the same weights.
    let isUniform: Bool

    package init(_ motion: AxisMotion, lattice: Lattice, sampling: Sampling) {
        let range = sampling.inside(lattice.voxels)
        let coordinates = (0..<motion.count).map(motion.coordinate)
        let first = coordinates.firstIndex(where: range.contains) ?? 0
        let last = coordinates.lastIndex(where: range.contains) ?? -1
        inside = first..<last + 1
        (size, boundary) = (lattice.size, lattice.boundary)
        let interpolation = sampling.interpolation.copies(motion) ? .nearest : sampling.interpolation
        let kernel = AxisKernel(
            interpolation, lattice: lattice, ratio: motion.ratio, normalizes: sampling.normalizesWeights)
        var starts = [Int]()
        var weights = [Float]()
        starts.reserveCapacity(inside.count)
        weights.reserveCapacity(inside.count * kernel.width)
        var row = [Double](repeating: 0, count: kernel.width)
        for output in inside {
            starts.append(row.withUnsafeMutableBufferPointer { kernel(coordinates[output], $0.baseAddress!) })
            for weight in row { weights.append(Float(weight)) }
        }
        width = kernel.width
        isUniform = false
        (self.starts, self.weights) = (starts, weights)
    }

    /// Outputs that stand on the voxels and all have the same weights, from `first` voxels behind theirs on.
    init(uniform weights: [Double], from first: Int, size: Int, boundary: Boundary) {
        (inside, width, isUniform) = (0..<size, weights.count, true)
        (self.size, self.boundary) = (size, boundary)
        starts = (0..<size).map { $0 + first }
        let row = weights.map { Float($0) }
        self.weights = (0..<size).flatMap { _ in row }
    }

    /// Outputs that stand on the voxels and may each read all of them: `weights[o·size + i]`.
    init(dense weights: [Float], size: Int) {
        (inside, width, isUniform) = (0..<size, size, false)
        (self.size, boundary) = (size, .edge)
        starts = Array(repeating: 0, count: size)
        self.weights = weights
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

extension Sampling {
    /// True where the weights of an output do not add up to 1.
    fileprivate var isUneven: Bool {
        (interpolation == .lanczos5 || interpolation == .hamming5) && !normalizesWeights
    }
}

/// One axis as an interpolation reads it: the voxels, and what a kernel needs around them.
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
        if isFiltered, boundary == .constant, sampling.isUneven {
            // Weights that do not add up to 1 must meet the fill value voxel by voxel, so it stands there.
            (padding, self.boundary) = (5, .edge)
            return
        }
        guard sampling.interpolation.splineDegree != nil, isFiltered else {
            (padding, self.boundary) = (0, boundary)
            return
        }
        padding = boundary == .edge || boundary == .constant ? 12 : 0
        self.boundary = padding > 0 ? .reflect : boundary == .constantSharp ? .mirror : boundary
    }

    /// Samples in all.
    package var size: Int { voxels + 2 * padding }
}

extension Interpolation {
    /// True where whole voxels are taken over as they are. A Gaussian smooths even those; a single output voxel may
    /// stand on a voxel and yet span several.
    func copies(_ motion: AxisMotion) -> Bool {
        switch self {
        case .gaussian: false
        case .area, .nearestFloor: motion.isWhole && abs(motion.ratio - 1) <= 1e-6
        default: motion.isWhole
        }
    }
}
