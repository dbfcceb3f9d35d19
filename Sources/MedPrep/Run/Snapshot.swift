internal import MedPrepCore
internal import MedPrepKernels
internal import MedPrepOperators

/// Geometry and statistics of a case's images at one point of the pipeline, as sidecars tell them.
struct Snapshot: Sendable {
    private var images: [Image]

    private struct Image {
        let name: String
        let shape: Shape
        let grid: Grid
        let statistics: [ChannelStatistics]
        /// Of each channel, where all are known.
        let counts: [WholeCounts]?
    }

    /// Takes the statistics of every channel.
    ///
    /// - Parameter counted: channel by channel, what reading counted; used where it is known of all.
    init(of images: [Case.Named], counted: [WholeCounts?] = [], workers: Workers) {
        let ranks = Summary.standardPercentiles
        let known = counted.compactMap(\.self)
        let isKnown = known.count == images.reduce(0) { $0 + $1.volume.tensor.shape.c }
        var channel = 0
        self.images = images.map { image in
            let (tensor, first) = (image.volume.tensor, channel)
            channel += tensor.shape.c
            let counts = isKnown ? Array(known[first..<channel]) : nil
            return Image(
                name: image.name, shape: tensor.shape, grid: image.volume.grid,
                statistics: counts?.map { ChannelStatistics($0, percentiles: ranks) }
                    ?? tensor.statistics(percentiles: ranks, workers),
                counts: counts)
        }
    }

    /// Of an image of one channel whose voxels are still to come, by its counted numbers.
    init(arriving image: Case.Named, counted counts: WholeCounts) {
        let statistics = ChannelStatistics(counts, percentiles: Summary.standardPercentiles)
        images = [
            Image(
                name: image.name, shape: Shape(extent: image.volume.grid.extent), grid: image.volume.grid,
                statistics: [statistics], counts: [counts])
        ]
    }

    /// True where what comes after a step is known without a look: it takes nothing but zeros off the one image, or adds
    /// them, and the numbers were counted.
    func knows(after step: any Operator) -> Bool {
        guard images.count == 1, images[0].counts != nil, let spatial = step as? any SpatialOperator else {
            return false
        }
        let lowest = images[0].statistics.filter { $0.summary.count > 0 }.map(\.summary.min).min()
        return lowest.map(spatial.changesOnlyZeros) ?? false
    }

    /// After such a step.
    ///
    /// - Parameter grids: those of the images once the copies that wait are made.
    init(changingZeros earlier: Snapshot, to images: [Case.Named], on grids: [Grid]? = nil) {
        let (before, counts) = (earlier.images[0].shape, earlier.images[0].counts ?? [])
        let grid = grids?[0] ?? images[0].volume.grid
        let shape = Shape(n: before.n, extent: grid.extent, c: before.c)
        let more = shape.n * shape.voxelCount - before.n * before.voxelCount
        let changed = counts.map { $0.adding(zeros: more) }
        self.images = [
            Image(
                name: images[0].name, shape: shape, grid: grid,
                statistics: changed.map { ChannelStatistics($0, percentiles: Summary.standardPercentiles) },
                counts: changed)
        ]
    }

    /// After a step that changed the values of the one image by these maps, first to last; nil or none: as it liked.
    init(mapping earlier: Snapshot, by maps: [ValueMap]?, to images: [Case.Named], workers: Workers) {
        guard let maps, !maps.isEmpty, images.count == 1, earlier.images.count == 1 else {
            self.init(of: images, workers: workers)
            return
        }
        let (volume, before) = (images[0].volume, earlier.images[0])
        let ranks = Summary.standardPercentiles
        let mapped = before.counts?.mapped(by: maps)
        let whole = mapped?.compactMap(\.wholeNumbers)
        let counts = whole?.count == mapped?.count ? whole : nil
        let statistics =
            if let counts {
                // Its voxels may still be to come.
                counts.map { ChannelStatistics($0, percentiles: ranks) }
            } else if let mapped {
                volume.tensor.statistics(percentiles: ranks, counted: mapped, workers)
            } else {
                volume.tensor.statistics(
                    percentiles: ranks, mapping: before.statistics, by: maps, workers)
            }
        self.init(images: [
            Image(
                name: images[0].name, shape: before.shape, grid: volume.grid, statistics: statistics,
                counts: counts)
        ])
    }

    private init(images: [Image]) { self.images = images }

    /// After a step that only moved voxels: new geometry, the same statistics.
    ///
    /// - Parameter grids: those of the images once the copies that wait are made.
    init(moving earlier: Snapshot, to images: [Case.Named], on grids: [Grid]? = nil) {
        let grids = grids ?? images.map(\.volume.grid)
        // Images that came together have the channels of all.
        let isSame = images.count == earlier.images.count
        let statistics =
            isSame ? earlier.images.map(\.statistics) : [earlier.images.flatMap(\.statistics)]
        let known = earlier.images.compactMap(\.counts)
        let counts =
            isSame
            ? earlier.images.map(\.counts)
            : [known.count == earlier.images.count ? known.flatMap(\.self) : nil]
        self.images = images.indices.map { index in
            let (named, grid) = (images[index], grids[index])
            let shape = named.volume.tensor.shape
            return Image(
                name: named.name, shape: Shape(n: shape.n, extent: grid.extent, c: shape.c), grid: grid,
                statistics: statistics[index], counts: counts[index])
        }
    }

    /// One object; for images on several grids, one under each name.
    var json: JSONValue {
        if images.count == 1 { return .object(Self.members(of: images[0])) }
        return .object(images.map { .init($0.name, .object(Self.members(of: $0))) })
    }

    private static func members(of image: Image) -> [JSONValue.Member] {
        image.grid.members(shape: image.shape) + [
            .init("statistics", .array(image.statistics.map { $0.summary.json }))
        ]
    }
}

extension Grid {
    /// `shape_ndhwc`, `spacing_ijk`, `affine`, `orientation` and `fov_mm`, as SEMANTICS 9 names them.
    func members(shape: Shape) -> [JSONValue.Member] {
        [
            .init("shape_ndhwc", .integers(shape.sizes)),
            .init("spacing_ijk", .numbers(spacing.elements.map(Self.nanometres))),
            .init("affine", .array(affine.rows.map { .numbers($0) })),
            .init("orientation", orientation.map { .string($0.code) } ?? .null),
            .init("fov_mm", .numbers(fieldOfView.elements.map(Self.nanometres))),
        ]
    }

    /// Column lengths carry the rounding of a square root: 2 mm must not read 1.9999999999999998.
    private static func nanometres(_ millimetres: Double) -> Double { (millimetres * 1e6).rounded() / 1e6 }
}

extension SIMD3 {
    var elements: [Scalar] { [x, y, z] }
}
