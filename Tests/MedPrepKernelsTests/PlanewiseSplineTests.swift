import MedPrepCore
import MedPrepKernels
import Testing

@Suite("A B-spline whose planes come one by one") struct PlanewiseSplineTests {
    /// What each axis does: more outputs, fewer, its own voxels, back to front, beyond the field of view, outside of it.
    private typealias Axis = (size: Int, ratio: Double, origin: Double)
    private static func axes(of n: Int) -> [Axis] {
        [
            (2 * n + 3, 0.6, -0.2), (n / 2 + 1, 1.9, 0.4), (n, 1, 0), (n, -1, Double(n - 1)),
            (n + 7, 0.9, -3.1), (4, 0.5, 4.5 * Double(n)), (n + 3, 1, -2),
        ]
    }

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
        arguments: axes(of: 9), [Boundary.mirror, .edge, .constant])
    func bits(z: (size: Int, ratio: Double, origin: Double), boundary: Boundary) throws {
        let source = noise(Shape(d: 9, h: 32, w: 33))
        for (x, y) in zip(Self.axes(of: 33), Self.axes(of: 32).reversed()) {
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
        let (source, extent, half) = (SIMD3(40, 32, 7), SIMD3(20, 16, 3), Affine(scale: SIMD3(2, 2, 2)))
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
        // Planes that are not worth a turn each, and planes that are no small part of their volume.
        for (w, isRead) in [(1 << 5, true), (1 << 15, true), (31, false), (1 << 15 + 1, false)] {
            let found = PlanewiseSpline(
                of: SIMD3(w, 32, 9), map: half, to: extent, sampling: Sampling(.bspline3))
            #expect((found != nil) == isRead, "\(w)")
        }
    }

    @Test("a kept z costs no more a plane the more there are")
    func longZ() {
        // The square of this is an hour.
        let shape = Shape(d: 1_000_000, h: 1, w: 2)
        let result = resample(
            Tensor(shape, repeating: 3), map: Affine(scale: SIMD3(0.5, 1, 1)), to: SIMD3(4, 1, shape.d),
            sampling: Sampling(.bspline3), workers: Workers(2))
        #expect(result.shape.d == shape.d && result[d: shape.d - 1, h: 0, w: 1] == 3)
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
        #expect(try bytes(to: 100, 100) - bytes(to: 100, 99) > bytes(to: 100, 101) - bytes(to: 100, 100))
        let worker = try bytes(to: 100, 2) - bytes(to: 100, 1)
        #expect(try worker > 2 * 4 * 50 * 40 && bytes(to: 100, 3) - bytes(to: 100, 2) == worker)
    }
}
