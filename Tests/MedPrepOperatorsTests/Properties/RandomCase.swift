import MedPrepCore
import MedPrepTestSupport

/// What a property is tried on: sizes, values and a grid that the seed alone decides.
struct RandomCase {
    let shape: Shape
    let tensor: Tensor
    /// Oblique, anisotropic, somewhere in the world.
    let grid: Grid

    /// Each property is tried on these many.
    static let seeds = Array(UInt64(0)..<100)

    init(_ seed: UInt64, samples: Int? = nil, least: Int = 2) {
        var next = SeededGenerator(seed: seed)
        func size(_ range: Range<Int>) -> Int { range.lowerBound + next.index(below: range.count) }
        let extent = SIMD3(size(least..<least + 7), size(least..<least + 7), size(least..<least + 7))
        shape = Shape(n: samples ?? size(1..<4), extent: extent, c: size(1..<5))
        tensor = Tensor.random(
            shape, seed: seed &+ 1000, mean: Double(next.index(below: 2000)) - 1000,
            spread: 1 + Double(next.index(below: 300)))
        let r = Tensor.random(Shape(d: 1, h: 1, w: 12), seed: seed &+ 7).values.map(Double.init)
        grid = Grid(
            extent: extent,
            affine: Affine(
                x: SIMD3(1 + r[0] / 4, r[1] / 5, r[2] / 5), y: SIMD3(r[3] / 5, 1.2 + r[4] / 4, r[5] / 5),
                z: SIMD3(r[6] / 5, r[7] / 5, 1.5 + r[8] / 4), origin: SIMD3(r[9], r[10], r[11]) * 50))
    }

    /// The first channel of the first sample, in the world.
    var volume: Volume {
        let one = Shape(extent: shape.extent)
        return Volume(tensor: Tensor(one, tensor.channel(0)), grid: grid)
    }
}

/// Every place of one sample and channel: d, h, w.
func forEachVoxel(_ shape: Shape, _ body: (Int, Int, Int) -> Void) {
    for d in 0..<shape.d { for h in 0..<shape.h { for w in 0..<shape.w { body(d, h, w) } } }
}
