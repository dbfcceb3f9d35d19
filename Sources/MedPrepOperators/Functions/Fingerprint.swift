public import MedPrepCore
internal import MedPrepKernels

/// What nnU-Net's planning must know of a data set: spacings, shapes, and the intensities of the foreground.
///
///     of all voxels with label > 0, cropped to the nonzero region: mean, median, std (ddof 0), min, max, percentiles
///
/// - Shape: any; image and label on one grid. Grid: none.
/// - NaN: left out.
/// - Cost: `measure` reads a case once and keeps its foreground, 4 bytes a voxel and channel (a reservoir: its size);
///   the call then pools the cases.
/// - Same as: `nnunetv2` `DatasetFingerprintExtractor`, which draws 10⁸/cases voxels with replacement; sampling all
///   agrees within the error of that draw.
public struct Fingerprint: LibraryFunction {
    public static let card = Card<Self>(
        "What nnU-Net's planning must know of a data set: spacings, shapes, foreground intensities.",
        [
            Parameter("percentiles", \.percentiles, "Ranks of the percentiles.", .atLeast(0), .atMost(100)),
            Parameter("foreground", \.foreground, "Which voxels are foreground: label>0."),
            Parameter(
                "sampling", \.sampling,
                "All foreground voxels, or a reservoir of so many a case, drawn with a seed.", .atLeast(0)),
        ], formula: "mean, median, std (ddof 0), min, max, percentiles of the foreground of all cases",
        geometry: "none", sameAs: "nnunetv2 DatasetFingerprintExtractor (up to its random draw)")

    public static let useInstead =
        "it looks at a whole data set; call Fingerprint from Swift, and for one case's statistics use stats"

    public var percentiles: [Double] = [0.5, 99.5]
    public var foreground = Foreground.labelled
    public var sampling = VoxelSampling.all
    public init() {}

    public enum Foreground: String, CaseIterable, ParameterValue { case labelled = "label>0" }

    /// What one case tells.
    public struct Measure: Hashable, Sendable {
        /// Of the image.
        public let spacing: SIMD3<Double>
        /// (w, h, d) after cropping to the nonzero region, and before.
        public let cropped: SIMD3<Int>
        public let original: SIMD3<Int>
        /// Voxels with a label above 0 after cropping.
        public let foregroundCount: Int
        /// Their intensities, or those drawn, by channel.
        public let intensities: [[Float]]

        public var relativeSize: Double {
            let parts = SIMD3<Double>(cropped) / SIMD3<Double>(original)
            return parts.x * parts.y * parts.z
        }
    }

    /// - Parameter number: the place of the case in the data set; it seeds the case's draw.
    public func measure(
        _ image: Volume, _ label: Volume, number: Int = 0, workers: Workers = .one
    ) throws(OperatorError) -> Measure {
        let shape = image.tensor.shape
        guard label.tensor.shape == Shape(n: shape.n, extent: shape.extent) else {
            let expected = Shape(n: shape.n, extent: shape.extent).sizes
            throw .maskShape(mask: "label", found: label.tensor.shape.sizes, expected: expected)
        }
        let box = image.tensor.boundingBox(of: .nonzero, workers) ?? image.grid.box
        var draw = Draw(sampling, number: number, channels: shape.c)
        image.tensor.withUnsafeValues { values in
            label.tensor.withUnsafeValues { labels in
                for n in 0..<shape.n {
                    for k in box.lower.z..<box.upper.z {
                        for j in box.lower.y..<box.upper.y {
                            let row = ((n * shape.d + k) * shape.h + j) * shape.w
                            for voxel in row + box.lower.x..<row + box.upper.x where labels[voxel] > 0 {
                                draw.take(values, at: voxel * shape.c)
                            }
                        }
                    }
                }
            }
        }
        return Measure(
            spacing: image.grid.spacing, cropped: box.extent, original: shape.extent,
            foregroundCount: draw.count, intensities: draw.kept)
    }

    /// nnU-Net's dataset_fingerprint.json; axes in its order (z, y, x), channels by number.
    public func callAsFunction(_ cases: [Measure], workers: Workers = .one) -> JSONValue {
        let channels = cases.map(\.intensities.count).max() ?? 0
        let properties = (0..<channels).map { channel in
            let pool = cases.flatMap { channel < $0.intensities.count ? $0.intensities[channel] : [] }
            return JSONValue.Member("\(channel)", statistics(of: pool, workers))
        }
        let sizes = cases.map(\.relativeSize)
        return [
            "foreground_intensity_properties_per_channel": .object(properties),
            "median_relative_size_after_cropping": number(percentile(50, of: sizes)),
            "shapes_after_crop": .array(
                cases.map { .integers([$0.cropped.z, $0.cropped.y, $0.cropped.x]) }),
            "spacings": .array(cases.map { .numbers([$0.spacing.z, $0.spacing.y, $0.spacing.x]) }),
        ]
    }

    /// The statistics of intensities under nnU-Net's names; null where there are none.
    public func statistics(of values: [Float], _ workers: Workers = .one) -> JSONValue {
        let ranks = percentiles + [50]
        var summary = Summary()
        if !values.isEmpty {
            let tensor = Tensor(Shape(d: 1, h: 1, w: values.count), values)
            summary = tensor.summaries(percentiles: ranks, workers)[0]
        }
        let plain: [(String, Double)] = [
            ("max", summary.max), ("mean", summary.mean), ("median", summary.median), ("min", summary.min),
        ]
        let percentiles = percentiles.filter { $0 != 50 }.map { rank in
            (Self.name(of: rank), summary.percentiles.first { $0.rank == rank }?.value ?? .nan)
        }
        return .object(
            (plain + percentiles + [("std", summary.standardDeviation)]).map { .init($0.0, number($0.1)) })
    }

    /// 0.5 is "percentile_00_5".
    private static func name(of rank: Double) -> String {
        let parts = JSONValue.number(rank).line.split(separator: ".")
        let whole = parts.first.map(String.init) ?? "0"
        let part = parts.count > 1 ? "_\(parts[1])" : "_0"
        return "percentile_\(whole.count < 2 ? "0" : "")\(whole)\(part)"
    }

    private func number(_ value: Double) -> JSONValue { value.isFinite ? .number(value) : .null }
}
