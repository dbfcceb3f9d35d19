import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

private let grid = Grid(w: 8, h: 7, d: 6, step: SIMD3(1, 2, 3))

/// Zero but for a block; labelled where i is even.
private func subject(_ seed: UInt64, c: Int = 1) -> (image: Volume, label: Volume) {
    let random = Tensor.random(Shape(extent: grid.extent, c: c), seed: seed, mean: 50, spread: 10)
    var image = Tensor(random.shape)
    var label = Tensor(Shape(extent: grid.extent))
    for d in 1..<5 {
        for h in 2..<6 {
            for w in 1..<8 {
                for channel in 0..<c {
                    image[d: d, h: h, w: w, c: channel] = random[d: d, h: h, w: w, c: channel]
                }
            }
        }
    }
    for d in 0..<6 { for w in stride(from: 0, to: 8, by: 2) { label[d: d, h: 3, w: w] = Float(w) } }
    return (Volume(tensor: image, grid: grid), Volume(tensor: label, grid: grid, role: .label))
}

@Suite("Fingerprint") struct FingerprintTests {
    @Test("pools the foreground inside the crop; keys and axis order are nnU-Net's")
    func all() throws {
        let cases = [subject(1, c: 2), subject(2, c: 2)]
        let fingerprint = try Fingerprint(parameters: [])
        let measures = try cases.map { try fingerprint.measure($0.image, $0.label) }
        var pool = [[Double]](repeating: [], count: 2)
        for one in cases {
            for d in 1..<5 {
                for w in [2, 4, 6] {
                    for c in 0..<2 { pool[c].append(Double(one.image.tensor[d: d, h: 3, w: w, c: c])) }
                }
            }
        }
        #expect(measures.map(\.foregroundCount) == [12, 12])
        let json = fingerprint(measures)
        #expect(json["spacings"]?.line == "[[3, 2, 1], [3, 2, 1]]")
        #expect(json["shapes_after_crop"] == [[4, 4, 7], [4, 4, 7]])
        let relative = 7.0 / 8 * (4.0 / 7) * (4.0 / 6)
        #expect(abs((json["median_relative_size_after_cropping"]?.double ?? 0) - relative) < 1e-15)
        for c in 0..<2 {
            let entry = json["foreground_intensity_properties_per_channel"]?["\(c)"]
            let keys = entry?.members?.map(\.key)
            #expect(keys == ["max", "mean", "median", "min", "percentile_00_5", "percentile_99_5", "std"])
            let mean = pool[c].reduce(0, +) / 24
            let deviation = (pool[c].map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 24).squareRoot()
            let sorted = pool[c].sorted()
            let low = sorted[0] + 0.115 * (sorted[1] - sorted[0])
            #expect(abs((entry?["mean"]?.double ?? 0) - mean) < 1e-10)
            #expect(abs((entry?["std"]?.double ?? 0) - deviation) < 1e-10)
            #expect(entry?["max"]?.double == sorted[23])
            #expect(abs((entry?["percentile_00_5"]?.double ?? 0) - low) < 1e-10)
        }
    }

    @Test("a reservoir depends on seed and case alone, holds whole voxels, and keeps all where there are few")
    func reservoir() throws {
        let one = subject(3, c: 2)
        func drawn(_ size: Int, seed: Int, number: Int = 0) throws -> [[Float]] {
            let fingerprint = try Fingerprint(parameters: [
                .init("sampling", ["reservoir": .integer(size), "seed": .integer(seed)])
            ])
            return try fingerprint.measure(one.image, one.label, number: number).intensities
        }
        let all = try Fingerprint().measure(one.image, one.label).intensities
        #expect(try drawn(100, seed: 1) == all)
        let five = try drawn(5, seed: 1)
        #expect(try drawn(5, seed: 1) == five)
        #expect(five.map(\.count) == [5, 5])
        let isOfVoxels = (0..<5).allSatisfy { place in
            all[0].indices.contains { all[0][$0] == five[0][place] && all[1][$0] == five[1][place] }
        }
        #expect(isOfVoxels)
        let others = try (2..<12).map { try drawn(5, seed: $0) } + [drawn(5, seed: 1, number: 1)]
        #expect(others.contains { $0 != five })
    }

    @Test("each voxel is drawn about equally often")
    func fairness() throws {
        let image = Volume(
            tensor: Tensor(Shape(d: 1, h: 1, w: 10), (1...10).map { Float($0) }),
            grid: Grid(w: 10, h: 1, d: 1))
        let label = Volume(
            tensor: Tensor(Shape(d: 1, h: 1, w: 10), repeating: 1), grid: Grid(w: 10, h: 1, d: 1))
        var counts = [Int](repeating: 0, count: 11)
        for seed in 0..<1000 {
            var fingerprint = Fingerprint()
            fingerprint.sampling = .reservoir(size: 3, seed: seed)
            for value in try fingerprint.measure(image, label).intensities[0] { counts[Int(value)] += 1 }
        }
        #expect(counts[1...].allSatisfy { (240...360).contains($0) })
    }

    @Test("no foreground is null, and a label on another grid an error")
    func edges() throws {
        var one = subject(4)
        one.label.tensor = Tensor(one.label.tensor.shape)
        let fingerprint = Fingerprint()
        let json = fingerprint([try fingerprint.measure(one.image, one.label)])
        #expect(json["foreground_intensity_properties_per_channel"]?["0"]?["mean"] == .null)
        let other = Volume(tensor: Tensor(Shape(d: 1, h: 1, w: 1)), grid: Grid(w: 1, h: 1, d: 1))
        var text = ""
        do { _ = try fingerprint.measure(one.image, other) } catch { text = "\(error)" }
        let expected =
            "the mask \"label\" has the shape 1x1x1x1x1, expected 1x6x7x8x1; give a mask on the image's grid"
        #expect(text == expected)
        #expect(fingerprint([])["median_relative_size_after_cropping"] == .null)
    }
}
