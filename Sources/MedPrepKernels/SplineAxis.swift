import CMedPrepKernels
import MedPrepCore

/// One axis of a B-spline: columns of samples in, columns of values out. A column is padded, filtered to coefficients
/// and read in one buffer, so that coefficients never exist as a volume. An axis that takes whole voxels is copied.
struct SplineAxis {
    let taps: Taps
    private let padding: Int
    /// nil: samples are their own coefficients.
    private let filter: ColumnFilter?
    /// What stands beyond the ends of a padded lattice; nil: their values.
    private let beyond: Float?
    /// The rows that each output reads.
    private let table: [Int32]

    init(_ motion: AxisMotion, _ lattice: Lattice, _ sampling: Sampling) {
        let taps = Taps(motion, lattice: lattice, sampling: sampling)
        self.taps = taps
        padding = lattice.padding
        beyond = sampling.resolvedBoundary == .constant ? sampling.fill : nil
        let isFiltered = !motion.isWhole && lattice.size > 1
        filter =
            isFiltered
            ? ColumnFilter(
                size: lattice.size, boundary: lattice.boundary,
                degree: sampling.interpolation.splineDegree ?? 3)
            : nil
        table =
            motion.isWhole
            ? []
            : taps.starts.indices.flatMap { output in
                (0..<taps.width).map { Int32(taps.index(output, $0) ?? 0) }
            }
    }

    /// Outputs inside the field of view.
    var inside: Range<Int> { taps.inside }
    /// True where outputs are voxels.
    var isCopied: Bool { table.isEmpty }
    /// Rows of a buffer.
    var rows: Int { taps.size }

    /// Where the samples go in a buffer of columns.
    func samples(_ columns: UnsafeMutablePointer<Float>, lanes: Int) -> UnsafeMutablePointer<Float> {
        columns + padding * lanes
    }

    /// Samples become coefficients.
    func filter(_ columns: UnsafeMutablePointer<Float>, lanes: Int) {
        let end = columns + (rows - padding) * lanes
        for row in 0..<padding {
            let places = [columns + row * lanes, end + row * lanes]
            for (place, edge) in zip(places, [columns + padding * lanes, end - lanes]) {
                if let beyond {
                    place.initialize(repeating: beyond, count: lanes)
                } else {
                    place.initialize(from: edge, count: lanes)
                }
            }
        }
        filter?(columns, lanes: lanes)
    }

    /// What memory brings while outputs are read: with each of them `count` values, from `first` on `stride` apart.
    struct Next {
        let first: UnsafePointer<Float>
        let stride: Int
        let count: Int
    }

    /// Some of the outputs inside, `stride` values apart.
    func read(
        _ outputs: Range<Int>, of columns: UnsafePointer<Float>, lanes: Int,
        into out: UnsafeMutablePointer<Float>, stride: Int, fetching next: Next
    ) {
        let first = outputs.lowerBound * taps.width
        table.withUnsafeBufferPointer { table in
            taps.weights.withUnsafeBufferPointer { weights in
                guard let table = table.baseAddress, let weights = weights.baseAddress else { return }
                medprep_read_columns(
                    out, stride, columns, lanes, table + first, weights + first, Int32(taps.width),
                    outputs.count, next.first, next.stride, next.count)
            }
        }
    }
}
