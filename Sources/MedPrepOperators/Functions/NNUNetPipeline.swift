public import MedPrepCore

extension NNUNet {
    /// Prepares one case as nnU-Net does.
    ///
    ///     transpose (coarsest target axis first of z, y, x) → crop to nonzero → normalize → resample image and labels
    ///
    /// Labels that are 0 outside the nonzero region become −1 before they are resampled.
    ///
    /// - Shape: round(s/s'·n) of the cropped volume. Grid: follows the voxels.
    /// - NaN: not foreground; left out of statistics.
    /// - Cost: a copy for each step that moves voxels; the region takes 4 bytes a voxel.
    /// - Same as: `nnunetv2` `DefaultPreprocessor.run_case_npy`.
    public struct Pipeline: LibraryFunction {
        public static let card = Card<Self>(
            "Prepares one case as nnU-Net does.",
            [
                Parameter("compat", \.compat, "nnunet: the peer it follows.", .preset),
                Parameter(
                    "steps", \.steps,
                    "crop_nonzero, normalizations by nnU-Net's class names, resample, resample_labels.",
                    .required),
            ], formula: "transpose, crop_nonzero, normalize, resample",
            geometry: "n' = round(s/s'·n) of the cropped volume",
            sameAs: "nnunetv2 DefaultPreprocessor.run_case_npy")

        public static let useInstead =
            "a pipeline holds no pipelines; write crop_nonzero, zscore and resample with compat \"nnunet\" as steps"

        public var compat = Compat.nnunet
        public var steps: [Step]?
        public init() {}

        public enum Compat: String, CaseIterable, ParameterValue { case nnunet }

        /// A finished case.
        public struct Prepared: Sendable {
            public var image: Volume
            public var labels: Volume?
            /// What nnU-Net writes to its .pkl; axes are z, y, x.
            public var properties: JSONValue
        }

        public func check() throws(ParameterError) {
            let ranks = (steps ?? []).map(\.rank)
            let repeats = ranks.enumerated().contains { index, rank in
                index > 0 && (rank < ranks[index - 1] || (rank == ranks[index - 1] && rank != 1))
            }
            if repeats {
                throw .conflict(
                    ["steps"],
                    reason:
                        "nnU-Net's order is crop_nonzero, normalizations, resample, resample_labels; each but "
                        + "the normalizations once")
            }
            if ranks.contains(3), !ranks.contains(2) {
                throw .conflict(
                    ["steps"], reason: "resample_labels needs the spacing of a resample before it")
            }
        }

        public func callAsFunction(
            _ image: consuming Volume, labels: consuming Volume? = nil, in context: inout Context
        ) throws(OperatorError) -> Prepared {
            var work = NNUNetCase(image: image, labels: labels)
            try work.checkLabels()
            let steps = steps ?? []
            let spacing = work.image.grid.spacing
            let resampling = steps.lazy.compactMap { if case .resample(let step) = $0 { step } else { nil } }
                .first
            let order = try transposition(resampling, work.image.grid)
            work.transpose(order, context.workers)
            let before = work.image.grid.extent
            var box = work.image.grid.box
            var schemes = [Normalization]()
            for step in steps {
                if case .cropNonzero = step { box = work.crop(in: &context) }
                if case .normalize(let scheme) = step { schemes.append(scheme) }
            }
            let after = work.image.grid.extent
            if !schemes.isEmpty { try work.normalize(schemes, in: context) }
            for step in steps {
                if case .resample(let step) = step { try work.resample(step.transposed(order), in: &context) }
            }
            if let step = resampling {
                let votes = steps.lazy.compactMap {
                    if case .resampleLabels(let step) = $0 { step } else { nil }
                }.first
                try work.resampleLabels(votes ?? ResampleLabels(), step.transposed(order), context.workers)
            }
            var properties: [JSONValue.Member] = [
                .init("spacing", .numbers([spacing.z, spacing.y, spacing.x])),
                .init("transpose_forward", .integers([2, 1, 0].map { 2 - order[$0] })),
                .init("shape_before_cropping", .integers([before.z, before.y, before.x])),
                .init(
                    "bbox_used_for_cropping",
                    .array([2, 1, 0].map { .integers([box.lower[$0], box.upper[$0]]) })),
                .init(
                    "shape_after_cropping_and_before_resampling", .integers([after.z, after.y, after.x])),
            ]
            if let labels = work.labels {
                properties.append(.init("class_locations", ClassLocations(labels.tensor).json))
            }
            return Prepared(image: work.image, labels: work.labels, properties: .object(properties))
        }

        /// The old axis of each new one, so that the coarsest target axis comes last (first of z, y, x).
        private func transposition(_ step: Resample?, _ grid: Grid) throws(OperatorError) -> SIMD3<Int> {
            guard let step else { return SIMD3(0, 1, 2) }
            let coarse = TargetSpacing.coarsest(try step.targetSpacing(of: grid))
            let rest = [2, 1, 0].filter { $0 != coarse }
            return SIMD3(rest[1], rest[0], coarse)
        }
    }
}

extension Resample {
    /// The same spacing for axes in another order.
    fileprivate func transposed(_ order: SIMD3<Int>) -> Resample {
        var result = self
        if let given { result.spacing = .given(Triplet(given[order.x], given[order.y], given[order.z])) }
        return result
    }
}
