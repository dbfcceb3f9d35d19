package import MedPrepCore

/// The grids of a case's volumes, in their order: those that they lie on, or those that they will have once the copies
/// that wait are made.
package struct CaseGrids: Hashable, Sendable {
    package let images: [Grid]
    package let labels: [Grid]
    package let masks: [Grid]

    package init(of subject: Case) {
        (images, labels, masks) = (
            subject.images.map(\.volume.grid), subject.labels.map(\.volume.grid),
            subject.masks.map(\.volume.grid)
        )
    }

    /// True where the volumes hold every voxel that is seen on these grids.
    package func lie(within subject: Case) -> Bool {
        let volumes = subject.images + subject.labels + subject.masks
        return zip(images + labels + masks, volumes.map(\.volume.grid)).allSatisfy { seen, stored in
            Turn(of: stored, to: seen).isInside(seen.extent, of: stored.extent)
        }
    }

    private init(_ images: [Grid], _ labels: [Grid], _ masks: [Grid]) {
        (self.images, self.labels, self.masks) = (images, labels, masks)
    }

    /// The grids that come after a step.
    package func after(_ step: some SpatialOperator, box: Box? = nil) throws(OperatorError) -> CaseGrids {
        func after(_ grids: [Grid]) throws(OperatorError) -> [Grid] {
            var result = [Grid]()
            for grid in grids { result.append(try step.grid(after: grid, box: box)) }
            return result
        }
        return CaseGrids(try after(images), try after(labels), try after(masks))
    }
}

/// Where the voxels of a volume lie that is seen on another grid: its axes turned, a box of it cut out. Seen axis `a` runs
/// along `axes[a]` in memory, backwards where it is flipped.
struct Turn: Hashable, Sendable {
    private let axes: [Int]
    private let flips: [Bool]
    /// The index in memory of the first voxel that is seen.
    private let origin: SIMD3<Int>

    /// Turning copies columns and changes their signs, so they are found as they were.
    init(of stored: Grid, to seen: Grid) {
        axes = (0..<3).map { a in
            let column = seen.affine[a]
            return (0..<3).first { stored.affine[$0] == column || stored.affine[$0] == -column } ?? a
        }
        flips = zip(0..<3, axes).map { seen.affine[$0] != stored.affine[$1] }
        // An affine without an inverse has its voxels nowhere.
        let place = stored.affine.inverse(seen.affine.origin)
        let index = (0..<3).map { Int(exactly: place[$0].rounded()) ?? -1 }
        origin = SIMD3(index[0], index[1], index[2])
    }

    /// Index as it is seen to index in memory.
    var map: Affine {
        var map = Affine(scale: .zero)
        for a in 0..<3 { map[a][axes[a]] = flips[a] ? -1 : 1 }
        map.origin = SIMD3<Double>(origin)
        return map
    }

    /// A box of voxels in memory, as it is seen.
    func box(turning stored: Box) -> Box {
        var box = stored
        for a in 0..<3 {
            let (lower, upper, first) = (stored.lower[axes[a]], stored.upper[axes[a]], origin[axes[a]])
            box.lower[a] = flips[a] ? first + 1 - upper : lower - first
            box.upper[a] = flips[a] ? first + 1 - lower : upper - first
        }
        return box
    }

    /// True where all that is seen on a grid of this extent lies in memory.
    func isInside(_ extent: SIMD3<Int>, of stored: SIMD3<Int>) -> Bool {
        (0..<3).allSatisfy { a in
            let (first, last) = (origin[axes[a]], extent[a] - 1)
            return first >= 0 && first < stored[axes[a]]
                && (flips[a] ? first - last >= 0 : first + last < stored[axes[a]])
        }
    }
}
