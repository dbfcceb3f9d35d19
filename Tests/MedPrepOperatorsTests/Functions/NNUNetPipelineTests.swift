import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

private func pipeline(_ steps: JSONValue...) throws -> NNUNet.Pipeline {
    try NNUNet.Pipeline(parameters: [.init("steps", .array(steps))])
}

private func message(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "accepted"
    } catch { return "\(error)" }
}

/// Zero border of one voxel around values above 0, with a hole; two labels.
private func subject(_ grid: Grid, c: Int = 1) -> (image: Volume, labels: Volume) {
    let random = Tensor.random(Shape(extent: grid.extent, c: c), seed: 8, mean: 100, spread: 20)
    var image = Tensor(random.shape)
    var labels = Tensor(Shape(extent: grid.extent))
    for d in 1..<grid.extent.z - 1 {
        for h in 1..<grid.extent.y - 1 {
            for w in 1..<grid.extent.x - 1 where SIMD3(w, h, d) != SIMD3(3, 3, 2) {
                for channel in 0..<c {
                    image[d: d, h: h, w: w, c: channel] = random[d: d, h: h, w: w, c: channel]
                }
                labels[d: d, h: h, w: w] = w < 3 ? 1 : h < 3 ? 5 : 0
            }
        }
    }
    // A corner of the crop that is background, unlabelled.
    for channel in 0..<c { image[d: 1, h: 1, w: grid.extent.x - 2, c: channel] = 0 }
    labels[d: 1, h: 1, w: grid.extent.x - 2] = 0
    return (Volume(tensor: image, grid: grid), Volume(tensor: labels, grid: grid, role: .label))
}

@Suite("nnU-Net pipeline") struct NNUNetPipelineTests {
    private let grid = Grid(w: 9, h: 8, d: 6, step: SIMD3(1, 1, 2), origin: SIMD3(5, 6, 7))

    @Test("crops, marks the outside of labels, and tells where it was")
    func crop() throws {
        let one = subject(grid)
        var context = Context()
        let found = try pipeline(["op": "crop_nonzero"])(one.image, labels: one.labels, in: &context)
        #expect(found.image.grid.extent == SIMD3(7, 6, 4) && found.labels?.grid == found.image.grid)
        #expect(found.image.grid.origin == SIMD3(6, 7, 9))
        // Background outside is −1, the hole is filled.
        #expect(found.labels?.tensor[d: 0, h: 0, w: 6] == -1)
        #expect(found.labels?.tensor[d: 1, h: 2, w: 2] == 0)
        #expect(found.properties["shape_before_cropping"] == [6, 8, 9])
        #expect(found.properties["bbox_used_for_cropping"] == [[1, 5], [1, 7], [1, 8]])
        #expect(found.properties["shape_after_cropping_and_before_resampling"] == [4, 6, 7])
        #expect(found.properties["spacing"]?.line == "[2, 1, 1]")
        let places = found.properties["class_locations"]
        #expect(places?.members?.map(\.key) == ["1", "5"])
        #expect(places?["1"]?.array?.count == 2 * 6 * 4)
        #expect(places?["1"]?.array?.first == [0, 0, 0, 0])
    }

    @Test("normalizes each channel by its own scheme")
    func normalize() throws {
        let one = subject(grid, c: 4)
        var context = Context(workers: Workers(2))
        let found = try pipeline(
            ["op": "CTNormalization", "mean": 100, "std": 4, "percentile_00_5": 90, "percentile_99_5": 110],
            ["op": "ZScoreNormalization", "mask": "nonzero_region"], ["op": "RescaleTo01Normalization"],
            ["op": "NoNormalization"])(one.image, in: &context)
        let (before, after) = (one.image.tensor, found.image.tensor)
        let ct = before.channel(0).map { Float((Double(min(max($0, 90), 110)) - 100) / 4) }
        #expect(zip(after.channel(0), ct).allSatisfy { abs($0 - $1) < 1e-6 })
        let region = before.channel(1).indices.filter { index in
            before.channel(1)[index] != 0 || index == (2 * 8 + 3) * 9 + 3
        }
        let values = region.map { Double(before.channel(1)[$0]) }
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(values.count)
        let wanted = region.map { Float((Double(before.channel(1)[$0]) - mean) / variance.squareRoot()) }
        #expect(zip(region, wanted).allSatisfy { abs(after.channel(1)[$0] - $1) < 1e-6 })
        #expect(after.channel(1)[0] == 0)
        #expect(after.channel(2).min() == 0 && after.channel(2).max() == 1)
        #expect(after.channel(3) == before.channel(3))
    }

    @Test("the coarsest target axis comes first, and voxels keep their place in the world")
    func transposition() throws {
        let one = subject(grid)
        var context = Context()
        let steps = try pipeline(["op": "resample", "spacing_ijk": [3, 1, 2]], ["op": "resample_labels"])
        let found = try steps(one.image, labels: one.labels, in: &context)
        #expect(found.properties["transpose_forward"] == [2, 0, 1])
        #expect(found.properties["shape_before_cropping"] == [9, 6, 8])
        // x is last now, then z and y: (w, h, d) = (y, z, x).
        #expect(found.image.grid.extent == SIMD3(8, 6, 3))
        #expect(found.labels?.grid == found.image.grid)
        let field = found.image.grid.fieldOfView
        #expect(abs(field.x - 8) < 1e-12 && abs(field.y - 12) < 1e-12 && abs(field.z - 9) < 1e-12)
        let plain = try NNUNet.Pipeline(parameters: [
            .init("steps", [["op": "resample", "spacing_ijk": [1, 1, 2]]])
        ])(one.image, in: &context)
        #expect(plain.image.tensor.storageAddress == one.image.tensor.storageAddress)
        #expect(plain.labels == nil && plain.properties["class_locations"] == nil)
    }

    @Test("gives the same bits on 1, 2 and 3 workers")
    func workers() throws {
        let one = subject(grid, c: 2)
        let all = try (1...3).map { count -> [UInt32] in
            var context = Context(workers: Workers(count))
            let found = try pipeline(
                ["op": "crop_nonzero"], ["op": "ZScoreNormalization", "mask": "nonzero_region"],
                ["op": "resample", "spacing_ijk": [0.7, 0.8, 1.5]])(
                    one.image, labels: one.labels, in: &context)
            let values = found.image.tensor.values + (found.labels?.tensor.values ?? [])
            return values.map(\.bitPattern)
        }
        #expect(all[0] == all[1] && all[0] == all[2])
    }

    @Test("thin volumes and empty ones do not trap")
    func thin() throws {
        let steps = try pipeline(
            ["op": "crop_nonzero"], ["op": "ZScoreNormalization", "mask": "nonzero_region"],
            ["op": "resample", "spacing_ijk": [0.7, 0.8, 1.5]], ["op": "resample_labels"])
        for extent in [SIMD3(1, 1, 1), SIMD3(1, 5, 1), SIMD3(4, 1, 3)] {
            let grid = Grid(extent: extent, affine: .identity)
            let labels = Volume(tensor: Tensor(Shape(extent: extent)), grid: grid, role: .label)
            var context = Context()
            let full = Volume(tensor: Tensor(Shape(extent: extent), repeating: 3), grid: grid)
            let found = try steps(full, labels: labels, in: &context)
            #expect(found.image.tensor.values.allSatisfy { $0 == 0 })
            let empty = Volume(tensor: Tensor(Shape(extent: extent)), grid: grid)
            let text = message { _ = try steps(empty, labels: labels, in: &context) }
            let expected =
                "the mask \"nonzero_region\" holds no voxel; choose another mask, or leave it out to use every voxel"
            #expect(text == expected)
        }
    }

    @Test("schemes follow the name of a channel")
    func names() {
        let ct: JSONValue = ["mean": 1, "std": 2, "percentile_00_5": 3, "percentile_99_5": 4]
        #expect(
            NNUNet.Normalization(channel: "CT", intensities: ct) == .ct(mean: 1, std: 2, lower: 3, upper: 4))
        #expect(NNUNet.Normalization(channel: "CT") == nil)
        #expect(NNUNet.Normalization(channel: "T1", inRegion: true) == .zScore(inRegion: true))
        #expect(NNUNet.Normalization(channel: "noNorm") == NNUNet.Normalization.none)
        #expect(NNUNet.Normalization(channel: "rescale_to_0_1") == .rescaleTo01)
        #expect(NNUNet.Normalization(channel: "rgb_to_0_1") == .rgbTo01)
    }

    @Test("each error says what to do")
    func errors() throws {
        #expect(
            message { _ = try pipeline(["op": "resample", "spacing_ijk": 1], ["op": "crop_nonzero"]) }
                == "nnU-Net's order is crop_nonzero, normalizations, resample, resample_labels; each but the "
                + "normalizations once")
        #expect(
            message { _ = try pipeline(["op": "resample_labels"]) }
                == "resample_labels needs the spacing of a resample before it")
        #expect(
            message { _ = try pipeline(["op": "clip"]) }.hasPrefix("steps is [{\"op\": \"clip\"}]; expected"))
        let one = subject(grid, c: 3)
        var context = Context()
        let two = try pipeline(["op": "NoNormalization"], ["op": "NoNormalization"])
        #expect(
            message { _ = try two(one.image, in: &context) }
                == "steps has 2 values for 3 channels; give one for each channel")
        let high = Volume(tensor: Tensor(Shape(d: 1, h: 1, w: 1), [256]), grid: Grid(w: 1, h: 1, d: 1))
        let text = message { _ = try pipeline(["op": "RGBTo01Normalization"])(high, in: &context) }
        let expected =
            "found the value 256.0, but RGBTo01Normalization takes 0 to 255; choose another normalization"
        #expect(text == expected)
    }
}
