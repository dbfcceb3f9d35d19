import MedPrepCore
import MedPrepKernels
import Testing

@Suite("A B-spline whose planes come one by one") struct PlanewiseSplineTests {
    /// What each axis does: more outputs, fewer, its own voxels, back to front, beyond the field of view, outside of it.
    private static let axes: [(size: Int, ratio: Double, origin: Double)] = [
        (21, 0.6, -0.2), (5, 2.3, 0.4), (9, 1, 0), (9, -1, 8), (16, 0.9, -3.1), (4, 0.5, 40), (12, 1, -2),
    ]

    private func plane(_ index: Int, of source: Tensor) -> Tensor {
        let count = source.shape.h * source.shape.w
        let values = source.withUnsafeValues { Array($0[index * count..<(index + 1) * count]) }
        return Tensor(Shape(d: 1, h: source.shape.h, w: source.shape.w), values)
    }

    private func arrived(
        _ spline: PlanewiseSpline, _ source: Tensor, order: [Int], _ workers: Workers
    ) -> Tensor {
        let arriving = spline.begin()
        forEachIndex(order.count, workers) { arriving.take(plane(order[$0], of: source), at: order[$0]) }
        return arriving.finish(workers)
    }

    @Test(
        "leaves the bits of resample, whatever the planes' order and the number of threads",
        arguments: axes, [Boundary.mirror, .edge, .constant])
    func bits(z: (size: Int, ratio: Double, origin: Double), boundary: Boundary) throws {
        let source = noise(Shape(d: 9, h: 9, w: 9))
        for (x, y) in zip(Self.axes, Self.axes.reversed()) {
            let map = Affine(
                scale: SIMD3(x.ratio, y.ratio, z.ratio), origin: SIMD3(x.origin, y.origin, z.origin))
            let extent = SIMD3(x.size, y.size, z.size)
            let sampling = Sampling(.bspline3, boundary: boundary, fill: -7)
            let spline = PlanewiseSpline(
                of: source.shape.extent, map: map, to: extent, sampling: sampling)
            let isCopy = [x, y, z].allSatisfy { abs($0.ratio) == 1 }
            #expect((spline == nil) == isCopy)
            guard let spline else { continue }
            let wanted = resample(source, map: map, to: extent, sampling: sampling, workers: .one).values
            for (order, workers) in [
                (Array(0..<9), 1), (Array((0..<9).reversed()), 2), ([4, 0, 8, 2, 6, 1, 7, 3, 5], 3),
            ] {
                let got = arrived(spline, source, order: order, Workers(workers)).values
                #expect(got.map(\.bitPattern) == wanted.map(\.bitPattern), "\(x) \(y) \(z) \(workers)")
            }
        }
    }

    @Test("is none where the source must be seen whole, or nothing is read between voxels")
    func none() {
        let (source, extent, half) = (SIMD3(9, 8, 7), SIMD3(4, 4, 3), Affine(scale: SIMD3(2, 2, 2)))
        func spline(_ map: Affine, _ sampling: Sampling) -> PlanewiseSpline? {
            PlanewiseSpline(of: source, map: map, to: extent, sampling: sampling)
        }
        #expect(spline(half, Sampling(.bspline3)) != nil)
        #expect(spline(half, Sampling(.linear)) == nil)
        #expect(spline(half, Sampling(.bspline3, antialias: .skimage)) == nil)
        #expect(spline(.identity, Sampling(.bspline3)) == nil)
        let turned = Affine(
            x: SIMD3(0, 2, 0), y: SIMD3(2, 0, 0), z: SIMD3(0, 0, 2), origin: .zero)
        #expect(spline(turned, Sampling(.bspline3)) == nil)
        let oblique = Affine(
            x: SIMD3(2, 0.1, 0), y: SIMD3(-0.1, 2, 0), z: SIMD3(0, 0, 2), origin: .zero)
        #expect(spline(oblique, Sampling(.bspline3)) == nil)
    }

    @Test("counts the result, planes that wait and what each worker has in hand")
    func bytes() throws {
        func bytes(to depth: Int, _ workers: Int) throws -> Int {
            let map = Affine(scale: SIMD3(0.5, 0.5, 100 / Double(depth)))
            return try #require(
                PlanewiseSpline(
                    of: SIMD3(50, 40, 100), map: map, to: SIMD3(100, 80, depth), sampling: Sampling(.bspline3)
                )
            ).peakBytes(Workers(workers))
        }
        let plane = 4 * 100 * 80
        // Below 100 planes, what the result has no room for waits elsewhere.
        #expect(try bytes(to: 60, 1) == bytes(to: 90, 1))
        #expect(try bytes(to: 150, 1) - bytes(to: 100, 1) == 50 * plane)
        #expect(try bytes(to: 100, 1) > 100 * plane)
        let worker = try bytes(to: 100, 2) - bytes(to: 100, 1)
        #expect(try worker > 2 * 4 * 50 * 40 && bytes(to: 100, 3) - bytes(to: 100, 2) == worker)
    }
}
