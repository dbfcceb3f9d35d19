import MedPrepCore
import MedPrepKernels
import Testing

/// Copies of whole voxels: crop, pad, flip, permute. All exact.
@Suite("Whole-voxel copies") struct WindowTests {
    static let shapes = [
        Shape(d: 1, h: 1, w: 1), Shape(d: 3, h: 5, w: 7), Shape(n: 2, d: 4, h: 1, w: 3, c: 2),
        Shape(d: 2, h: 33, w: 35), Shape(d: 34, h: 2, w: 17, c: 3),
    ]

    @Test(
        "pad and crop with every boundary, also wider than the volume", arguments: shapes, Boundary.allCases)
    func boundaries(shape: Shape, boundary: Boundary) {
        let source = noise(shape)
        let map = Affine(scale: SIMD3(1, 1, 1), origin: SIMD3(-8, 1, -3))
        let extent = SIMD3(shape.w + 19, max(1, shape.h - 1), shape.d + 7)
        for continues in [false, true] {
            let sampling = Sampling(.linear, boundary: boundary, fill: -5, continues: continues)
            let got = resample(source, map: map, to: extent, sampling: sampling, workers: .one)
            // Whole voxels: nearest is the same, and its reference is exact.
            var nearest = sampling
            nearest.interpolation = .nearest
            let wanted = NaiveResampling(source, nearest).resampled(map, to: extent)
            #expect(largestDifference(got.values, wanted) == 0, "\(boundary) \(continues)")
        }
    }

    @Test("permute and flip in all 48 ways", arguments: shapes)
    func permutations(shape: Shape) {
        let source = noise(shape)
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            for flips in 0..<8 {
                var map = Affine(scale: .zero)
                var extent = SIMD3(1, 1, 1)
                for a in 0..<3 {
                    let flip = flips >> a & 1 == 1
                    extent[a] = shape.extent[order[a]]
                    map[a][order[a]] = flip ? -1 : 1
                    if flip { map.origin[order[a]] = Double(extent[a] - 1) }
                }
                let got = resample(source, map: map, to: extent, sampling: .label, workers: Workers(2))
                let wanted = NaiveResampling(source, .label).resampled(map, to: extent)
                #expect(largestDifference(got.values, wanted) == 0, "\(order) \(flips)")
            }
        }
    }

    @Test("permute with a window beyond the border")
    func permutedWindow() {
        let source = noise(Shape(d: 20, h: 6, w: 40))
        let map = Affine(x: SIMD3(0, 0, 1), y: SIMD3(0, -1, 0), z: SIMD3(1, 0, 0), origin: SIMD3(-3, 6, -2))
        let extent = SIMD3(25, 8, 45)
        let sampling = Sampling(.bspline3, fill: 7)
        let got = resample(source, map: map, to: extent, sampling: sampling, workers: .one)
        let wanted = NaiveResampling(source, Sampling(.nearest, fill: 7)).resampled(map, to: extent)
        #expect(largestDifference(got.values, wanted) == 0)
    }

    @Test("share the storage of the source when nothing moves")
    func identity() {
        let source = noise(Shape(d: 3, h: 4, w: 5))
        let got = resample(
            source, map: .identity, to: SIMD3(5, 4, 3), sampling: Sampling(.bspline3), workers: .one)
        #expect(got.storageAddress == source.storageAddress)
    }

    @Test("keep values that are not finite")
    func nonfinite() {
        var source = noise(Shape(d: 2, h: 2, w: 4))
        source[d: 0, h: 0, w: 1] = .infinity
        let map = Affine(scale: SIMD3(1, 1, 1), origin: SIMD3(1, 0, 0))
        let got = resample(
            source, map: map, to: SIMD3(3, 2, 2), sampling: Sampling(.linear), nonfinite: .ignore,
            workers: .one)
        #expect(got[d: 0, h: 0, w: 0] == .infinity)
    }
}
