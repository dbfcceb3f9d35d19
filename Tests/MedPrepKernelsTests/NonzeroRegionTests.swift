import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("NonzeroRegion") struct NonzeroRegionTests {
    /// Spreads the background from the border, one sweep of the whole volume after another, until nothing changes.
    static func plain(_ isNonzero: [Bool], _ shape: Shape) -> [Float] {
        var isBackground = [Bool](repeating: false, count: shape.voxelCount)
        var changes = true
        while changes {
            changes = false
            for d in 0..<shape.d {
                for h in 0..<shape.h {
                    for w in 0..<shape.w {
                        let voxel = shape.offset(d: d, h: h, w: w)
                        if isNonzero[voxel] || isBackground[voxel] { continue }
                        let onBorder =
                            [d, h, w].contains(0) || d == shape.d - 1 || h == shape.h - 1 || w == shape.w - 1
                        let reached =
                            onBorder || isBackground[voxel - 1] || isBackground[voxel + 1]
                            || isBackground[voxel - shape.w] || isBackground[voxel + shape.w]
                            || isBackground[voxel - shape.w * shape.h]
                            || isBackground[voxel + shape.w * shape.h]
                        if reached { (isBackground[voxel], changes) = (true, true) }
                    }
                }
            }
        }
        return isBackground.map { $0 ? 0 : 1 }
    }

    @Test(
        "equals the plain flood on random volumes",
        arguments: [
            Shape(d: 1, h: 1, w: 1), Shape(d: 1, h: 7, w: 9), Shape(d: 5, h: 1, w: 3),
            Shape(d: 7, h: 8, w: 9),
            Shape(d: 13, h: 11, w: 12),
        ], [-0.3, 0, 0.2])
    func reference(shape: Shape, threshold: Double) {
        let random = Tensor.random(shape, seed: 31)
        let x = Tensor(shape, random.values.map { Double($0) > threshold ? 5 : 0 })
        #expect(x.nonzeroRegion(.one).values == Self.plain(x.values.map { $0 != 0 }, shape))
    }

    @Test("fills a closed hole, and not one that a face opens")
    func hole() {
        var shell = Tensor(Shape(d: 5, h: 5, w: 5))
        for d in 1..<4 { for h in 1..<4 { for w in 1..<4 { shell[d: d, h: h, w: w] = 2 } } }
        shell[d: 2, h: 2, w: 2] = 0
        #expect(shell.nonzeroRegion(.one)[d: 2, h: 2, w: 2] == 1)
        // A corner or an edge is no way in.
        shell[d: 1, h: 1, w: 1] = 0
        #expect(shell.nonzeroRegion(.one)[d: 2, h: 2, w: 2] == 1)
        shell[d: 2, h: 2, w: 1] = 0
        #expect(shell.nonzeroRegion(.one)[d: 2, h: 2, w: 2] == 0)
    }

    @Test("joins the channels before it fills, sample by sample, and counts NaN in")
    func channels() {
        var pair = Tensor(Shape(n: 2, d: 1, h: 3, w: 3, c: 2))
        // A ring, half of it in either channel of the second sample.
        for (index, place) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1), (2, 2)].enumerated() {
            pair[n: 1, d: 0, h: place.0, w: place.1, c: index % 2] = index == 3 ? .nan : -1
        }
        for workers in 1...3 {
            let region = pair.nonzeroRegion(Workers(workers))
            #expect(region.shape == Shape(n: 2, d: 1, h: 3, w: 3))
            // One slice thick, every voxel is on the border: the middle of the ring is background.
            #expect(region.values == [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1])
        }
    }

    @Test("takes the winding way through a long corridor")
    func corridor() {
        let shape = Shape(d: 3, h: 41, w: 41)
        var x = Tensor(shape, repeating: 1)
        // A snake through the middle slice, open at its first voxel only.
        for h in stride(from: 1, to: 40, by: 2) {
            for w in 1..<40 { x[d: 1, h: h, w: w] = 0 }
            if h < 39 { x[d: 1, h: h + 1, w: h % 4 == 1 ? 39 : 1] = 0 }
        }
        #expect(x.nonzeroRegion(.one).values.allSatisfy { $0 == 1 })
        x[d: 0, h: 1, w: 1] = 0
        #expect(x.nonzeroRegion(.one).values == Self.plain(x.values.map { $0 != 0 }, shape))
        #expect(x.nonzeroRegion(.one)[d: 1, h: 39, w: 20] == 0)
    }
}
