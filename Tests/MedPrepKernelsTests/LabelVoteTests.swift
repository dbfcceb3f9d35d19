import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

private func labels(_ shape: Shape, seed: UInt64 = 11, _ names: [Float] = [-1, 0, 3, 8]) -> Tensor {
    let random = Tensor.random(shape, seed: seed)
    return Tensor(shape, random.values.map { names[Int(abs($0) * 100) % names.count] })
}

private func vote(
    _ source: Tensor, map: Affine, _ extent: SIMD3<Int>, _ tiebreak: Tiebreak = .nearest,
    zoom: Sampling.Zoom? = nil, workers: Int = 1
) -> Tensor {
    var sampling = Sampling(.linear)
    sampling.tiebreak = tiebreak
    sampling.zoom = zoom
    return resample(source, map: map, to: extent, sampling: sampling, workers: Workers(workers))
}

private func edgesMap(_ n: SIMD3<Int>, _ m: SIMD3<Int>) -> Affine {
    let ratio = SIMD3<Double>(n) / SIMD3<Double>(m)
    return Affine(scale: ratio, origin: ratio / 2 - 0.5)
}

@Suite("Label vote") struct LabelVoteTests {
    /// One indicator volume a label.
    private func expected(_ source: Tensor, _ to: SIMD3<Int>, _ tiebreak: Tiebreak, apart: Int?) -> [Float] {
        let from = source.shape.extent
        let names = Set(source.values).sorted()
        let orders = (0..<3).map { apart == $0 ? SplineOrder.nearest : .linear }
        let matrices = (0..<3).map { zoomMatrix(from[$0], to[$0], orders[$0]) }
        let scores = names.map { name in
            naiveZoom({ source[d: $2, h: $1, w: $0] == name ? 1 : 0 }, from, matrices)
        }
        let nearest = naiveZoom(
            { Double(source[d: $2, h: $1, w: $0]) }, from,
            (0..<3).map { zoomMatrix(from[$0], to[$0], .nearest) })
        return nearest.indices.map { place in
            let here = scores.map { $0[place] }
            let top = here.max() ?? 0
            let tied = names.indices.filter { here[$0] == top }.map { names[$0] }
            switch tiebreak {
            case .nearest: return tied.contains(Float(nearest[place])) ? Float(nearest[place]) : tied[0]
            case .lowest: return tied[0]
            case .highest: return tied[tied.count - 1]
            case .threshold: return names.indices.last { here[$0] >= 0.5 }.map { names[$0] } ?? 0
            }
        }
    }

    @Test(
        "agrees with one indicator a label, for every tiebreak", arguments: Tiebreak.allCases,
        [[-1, 0, 3, 8], [0, 1], [-2, 0]] as [[Float]])
    func reference(tiebreak: Tiebreak, names: [Float]) {
        // Ratios whose weights are exact, so that ties are ties.
        let sizes = [
            (SIMD3(5, 4, 3), SIMD3(10, 8, 6)), (SIMD3(8, 4, 4), SIMD3(4, 8, 4)),
            (SIMD3(1, 6, 2), SIMD3(2, 3, 8)),
            (SIMD3(4, 1, 1), SIMD3(2, 1, 3)), (SIMD3(12, 8, 2), SIMD3(3, 2, 4)),
        ]
        for (from, to) in sizes {
            let source = labels(Shape(extent: from), names)
            for axis in [nil, 0, 1, 2] {
                let zoom = Sampling.Zoom(order: .linear, apart: axis.map { .init(axis: $0, order: .nearest) })
                let found = vote(source, map: edgesMap(from, to), to, tiebreak, zoom: zoom)
                #expect(
                    found.values == expected(source, to, tiebreak, apart: axis), "\(from) \(to) \(axis ?? 9)")
            }
        }
    }

    @Test("the axis across slices may be voted on afterwards")
    func across() {
        let source = Tensor(Shape(d: 2, h: 1, w: 3), [1, 1, 5, 1, 7, 2])
        let zoom = Sampling.Zoom(order: .linear, apart: .init(axis: 2, order: .linear))
        let to = SIMD3(3, 1, 4)
        let found = vote(source, map: edgesMap(SIMD3(3, 1, 2), to), to, zoom: zoom)
        #expect(found.values == [1, 1, 5, 1, 1, 5, 1, 7, 2, 1, 7, 2])
    }

    @Test("where ratios are odd the winner has the largest score")
    func odd() {
        let (from, to) = (SIMD3(7, 5, 4), SIMD3(9, 13, 3))
        let source = labels(Shape(extent: from))
        let found = vote(source, map: edgesMap(from, to), to).values
        let matrices = (0..<3).map { zoomMatrix(from[$0], to[$0], .linear) }
        let names = Set(source.values).sorted()
        let scores = names.map { name in
            naiveZoom({ source[d: $2, h: $1, w: $0] == name ? 1 : 0 }, from, matrices)
        }
        let misses = found.indices.filter { place in
            let own = names.firstIndex(of: found[place]).map { scores[$0][place] } ?? -1
            return own < (scores.map { $0[place] }.max() ?? 0) - 1e-12
        }
        #expect(misses.isEmpty)
    }

    @Test("gives the same bits on 1, 2 and 3 workers, with N and C above 1, straight and oblique")
    func workers() {
        let source = labels(Shape(n: 2, d: 5, h: 9, w: 8, c: 2))
        let slanted = Affine(
            x: SIMD3(0.8, 0.2, 0), y: SIMD3(-0.2, 0.9, 0.1), z: SIMD3(0, 0, 0.7), origin: SIMD3(1, 0.5, -1))
        for map in [edgesMap(source.shape.extent, SIMD3(11, 7, 6)), slanted] {
            let all = (1...3).map { vote(source, map: map, SIMD3(11, 7, 6), workers: $0).values }
            #expect(all[0] == all[1] && all[0] == all[2])
            #expect(Set(all[0]).isSubset(of: Set(source.values + [0])))
        }
    }

    @Test("outside the field of view is 0; an oblique map agrees with a straight one it nearly is")
    func outside() {
        let source = Tensor(Shape(d: 3, h: 3, w: 3), repeating: 4)
        let shifted = Affine(scale: SIMD3(1, 1, 1), origin: SIMD3(1.6, 0, 0))
        let found = vote(source, map: shifted, SIMD3(3, 3, 3))
        #expect(Array(found.values.prefix(3)) == [4, 0, 0])
        let from = labels(Shape(d: 6, h: 7, w: 5))
        let straight = Affine(scale: SIMD3(0.7, 0.8, 0.9), origin: SIMD3(0.13, 0.21, 0.34))
        var bent = straight
        bent.x.y = 1e-6
        let (a, b) = (vote(from, map: straight, SIMD3(6, 7, 5)), vote(from, map: bent, SIMD3(6, 7, 5)))
        #expect(a.values == b.values)
    }

    @Test("beyond the border the lattice goes on as its boundary says")
    func boundary() {
        let source = Tensor(Shape(d: 1, h: 1, w: 4), [1, 2, 3, 4])
        func row(_ boundary: Boundary) -> [Float] {
            var sampling = Sampling(.linear, boundary: boundary, continues: true)
            sampling.tiebreak = .nearest
            let map = Affine(scale: SIMD3(1, 1, 1), origin: SIMD3(-1.8, 0, 0))
            return resample(source, map: map, to: SIMD3(7, 1, 1), sampling: sampling, workers: .one).values
        }
        #expect(row(.edge) == [1, 1, 1, 2, 3, 4, 4])
        #expect(row(.mirror) == [3, 2, 1, 2, 3, 4, 3])
        #expect(row(.reflect) == [2, 1, 1, 2, 3, 4, 4])
        #expect(row(.wrap) == [3, 4, 1, 2, 3, 4, 1])
        #expect(row(.constant) == [0, 0, 1, 2, 3, 4, 0])
    }

    @Test("whole voxels are copied")
    func whole() {
        let source = labels(Shape(d: 3, h: 4, w: 5))
        let turned = Affine(
            x: SIMD3(0, 1, 0), y: SIMD3(1, 0, 0), z: SIMD3(0, 0, 1), origin: SIMD3(0, 0, 0))
        let found = vote(source, map: turned, SIMD3(4, 5, 3))
        #expect(found[d: 2, h: 4, w: 1] == source[d: 2, h: 1, w: 4])
    }
}
