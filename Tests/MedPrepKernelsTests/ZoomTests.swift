import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

/// The map of an edges grid.
private func edgesMap(_ n: SIMD3<Int>, _ m: SIMD3<Int>) -> Affine {
    let ratio = SIMD3<Double>(n) / SIMD3<Double>(m)
    return Affine(scale: ratio, origin: ratio / 2 - 0.5)
}

private func zoom(
    _ source: Tensor, _ extent: SIMD3<Int>, _ zoom: Sampling.Zoom, workers: Int = 1,
    nonfinite: Nonfinite = .error, fill: Float = 0
) -> Tensor {
    var sampling = Sampling(.bspline3, boundary: .edge, fill: fill)
    sampling.zoom = zoom
    return resample(
        source, map: edgesMap(source.shape.extent, extent), to: extent, sampling: sampling,
        nonfinite: nonfinite, workers: Workers(workers))
}

@Suite("Zoom") struct ZoomTests {
    static let sizes: [(SIMD3<Int>, SIMD3<Int>)] = [
        (SIMD3(5, 4, 3), SIMD3(8, 3, 5)), (SIMD3(37, 3, 2), SIMD3(21, 7, 2)),
        (SIMD3(3, 19, 4), SIMD3(3, 30, 2)),
        (SIMD3(1, 5, 3), SIMD3(2, 4, 3)), (SIMD3(1, 1, 1), SIMD3(3, 2, 1)), (SIMD3(4, 1, 6), SIMD3(1, 1, 9)),
        (SIMD3(2, 35, 1), SIMD3(70, 34, 1)),
    ]

    private func expected(_ source: Tensor, _ extent: SIMD3<Int>, _ zoom: Sampling.Zoom) -> [Float] {
        let from = source.shape
        var result = Tensor(Shape(n: from.n, extent: extent, c: from.c))
        for n in 0..<from.n {
            for c in 0..<from.c {
                func value(_ i: Int, _ j: Int, _ k: Int) -> Double {
                    Double(source[n: n, d: k, h: j, w: i, c: c])
                }
                func orders(_ axis: Int) -> SplineOrder { zoom.apart?.axis == axis ? .nearest : zoom.order }
                // Slices stay where they are at first.
                var first = extent
                if let apart = zoom.apart { first[apart.axis] = from.extent[apart.axis] }
                let matrices = (0..<3).map { zoomMatrix(from.extent[$0], first[$0], orders($0)) }
                var slices = naiveZoom(value, from.extent, matrices)
                let place = { (i: Int, j: Int, k: Int) in (k * first.y + j) * first.x + i }
                for index in slices.indices {
                    let (rest, i) = index.quotientAndRemainder(dividingBy: first.x)
                    let at = SIMD3(i, rest % first.y, rest / first.y)
                    var (low, high) = (Double.infinity, -Double.infinity)
                    for k in 0..<from.d {
                        for j in 0..<from.h {
                            for i in 0..<from.w {
                                if let axis = zoom.apart?.axis, SIMD3(i, j, k)[axis] != at[axis] { continue }
                                (low, high) = (min(low, value(i, j, k)), max(high, value(i, j, k)))
                            }
                        }
                    }
                    slices[index] = min(max(slices[index], low), high)
                }
                if let apart = zoom.apart {
                    let across = (0..<3).map { zoomMatrix(first[$0], extent[$0], apart.order) }
                    slices = naiveZoom({ slices[place($0, $1, $2)] }, first, across)
                }
                for (index, value) in slices.enumerated() {
                    let (rest, i) = index.quotientAndRemainder(dividingBy: extent.x)
                    result[n: n, d: rest / extent.y, h: rest % extent.y, w: i, c: c] = Float(value)
                }
            }
        }
        return result.values
    }

    @Test(
        "agrees with a sum over every voxel: together, slice by slice, with either order across",
        arguments: sizes)
    func reference(from: SIMD3<Int>, to: SIMD3<Int>) {
        let source = Tensor.random(Shape(n: 2, extent: from, c: 2), seed: 5, mean: 100, spread: 50)
        var zooms = SplineOrder.allCases.map { Sampling.Zoom(order: $0) }
        for axis in 0..<3 {
            zooms.append(.init(order: .cubic, apart: .init(axis: axis, order: .nearest)))
            zooms.append(.init(order: .cubic, apart: .init(axis: axis, order: .linear)))
        }
        for kind in zooms {
            let found = zoom(source, to, kind).values
            let wanted = expected(source, to, kind)
            let worst = zip(found, wanted).map { abs($0 - $1) }.max() ?? .infinity
            #expect(worst < 2e-5, "\(kind)")
            #expect(found.count == wanted.count)
        }
    }

    @Test("gives the same bits on 1, 2 and 3 workers")
    func workers() {
        let source = Tensor.random(Shape(n: 2, d: 7, h: 33, w: 21, c: 2), seed: 3)
        for apart in [nil, Sampling.Apart(axis: 1, order: .linear), .init(axis: 2, order: .nearest)] {
            let all = (1...3).map { count in
                zoom(source, SIMD3(40, 20, 9), .init(order: .cubic, apart: apart), workers: count).values
            }
            #expect(all[0] == all[1] && all[0] == all[2])
        }
    }

    @Test("a constant stays constant to the bit, and the range is never left")
    func range() {
        let flat = zoom(
            Tensor(Shape(d: 4, h: 5, w: 6), repeating: 7.25), SIMD3(9, 4, 7), .init(order: .cubic))
        #expect(flat.values.allSatisfy { $0 == 7.25 })
        var step = Tensor(Shape(d: 4, h: 8, w: 8))
        for d in 0..<4 { for h in 0..<8 { for w in 4..<8 { step[d: d, h: h, w: w] = Float(d + 1) } } }
        let whole = zoom(step, SIMD3(19, 13, 4), .init(order: .cubic))
        #expect(whole.values.min() == 0 && (whole.values.max() ?? 9) <= 4)
        let slices = zoom(
            step, SIMD3(19, 13, 4), .init(order: .cubic, apart: .init(axis: 2, order: .nearest)))
        for d in 0..<4 {
            let top = (0..<13).flatMap { h in (0..<19).map { slices[d: d, h: h, w: $0] } }.max()
            #expect(top == Float(d + 1))
        }
    }

    @Test("non-finite voxels are read as fill and marked, nothing spreads")
    func nonfinite() {
        var source = Tensor.random(Shape(d: 3, h: 6, w: 6), seed: 9, mean: 10)
        source[d: 1, h: 2, w: 3] = .nan
        source[d: 2, h: 5, w: 0] = .infinity
        var filled = source
        filled[d: 1, h: 2, w: 3] = 10
        filled[d: 2, h: 5, w: 0] = 10
        let kind = Sampling.Zoom(order: .cubic)
        let found = zoom(source, SIMD3(12, 12, 3), kind, nonfinite: .ignore, fill: 10)
        let other = zoom(filled, SIMD3(12, 12, 3), kind)
        let marked = found.values.filter { $0.isNaN }.count
        #expect(marked == 8)
        let worst = zip(found.values, other.values).filter { !$0.0.isNaN }.map { abs($0 - $1) }.max() ?? 1
        #expect(worst < 1e-4)
    }

    @Test("its workspace is bounded: slices, and the whole only where the axis across is read later")
    func workspace() {
        let (shape, to) = (Shape(d: 100, h: 64, w: 64), SIMD3(128, 128, 50))
        func bytes(_ kind: Sampling.Zoom, labels: Bool = false) -> Int {
            var sampling = Sampling(.bspline3)
            sampling.zoom = kind
            sampling.tiebreak = labels ? .nearest : nil
            return workspaceBytes(
                from: shape, map: edgesMap(shape.extent, to), to: to, sampling: sampling, workers: Workers(2))
        }
        let waiting = 8 * 128 * 128 * 100
        #expect(bytes(.init(order: .cubic)) > waiting)
        #expect(bytes(.init(order: .cubic, apart: .init(axis: 2, order: .nearest))) < 1 << 20)
        #expect(bytes(.init(order: .linear, apart: .init(axis: 2, order: .nearest)), labels: true) < 4096)
        let hostile = workspaceBytes(
            from: Shape(d: 1 << 40, h: 1 << 40, w: 1),
            map: edgesMap(SIMD3(1, 1 << 40, 1 << 40), SIMD3(2, 2, 2)),
            to: SIMD3(2, 2, 2),
            sampling: {
                var sampling = Sampling(.bspline3)
                sampling.zoom = .init(order: .cubic)
                return sampling
            }(), workers: .one)
        #expect(hostile > 0)
    }
}
