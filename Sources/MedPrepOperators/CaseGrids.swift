package import MedPrepCore

/// The grids of a case's volumes, in their order: those that they lie on, or those that they will have once their
/// axes are turned.
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

/// Where the voxels of a volume lie whose axes wait to be turned: turned axis `a` runs along `axes[a]` in memory,
/// backwards where it is flipped.
struct Turn: Hashable, Sendable {
    private let axes: [Int]
    private let flips: [Bool]
    /// The last index along each axis in memory.
    private let last: SIMD3<Int>

    /// Turning copies columns and changes their signs, so they are found as they were.
    init(of stored: Grid, to turned: Grid) {
        last = stored.extent &- SIMD3(repeating: 1)
        axes = (0..<3).map { a in
            let column = turned.affine[a]
            return (0..<3).first { stored.affine[$0] == column || stored.affine[$0] == -column } ?? a
        }
        flips = zip(0..<3, axes).map { turned.affine[$0] != stored.affine[$1] }
    }

    /// Index of the turned volume to index in memory.
    var map: Affine {
        var map = Affine(scale: .zero)
        for a in 0..<3 {
            map[a][axes[a]] = flips[a] ? -1 : 1
            if flips[a] { map.origin[axes[a]] = Double(last[axes[a]]) }
        }
        return map
    }

    /// A box of voxels in memory, as the turned volume counts them.
    func box(turning stored: Box) -> Box {
        var box = stored
        for a in 0..<3 {
            let (lower, upper) = (stored.lower[axes[a]], stored.upper[axes[a]])
            box.lower[a] = flips[a] ? last[axes[a]] + 1 - upper : lower
            box.upper[a] = flips[a] ? last[axes[a]] + 1 - lower : upper
        }
        return box
    }
}
