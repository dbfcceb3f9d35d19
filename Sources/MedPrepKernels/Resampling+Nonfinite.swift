import MedPrepCore

extension Tensor {
    /// True where a value is NaN or infinite.
    func hasNonfinite(_ workers: Workers) -> Bool {
        mapSlabs(workers) { _, values in
            // x − x is 0, or NaN where x is not finite: the sum tells without a branch.
            var sums = SIMD16<Float>.zero
            let base = UnsafeRawPointer(values.baseAddress!)
            let whole = values.count / 16 * 16
            for i in stride(from: 0, to: whole, by: 16) {
                let x = base.loadUnaligned(fromByteOffset: 4 * i, as: SIMD16<Float>.self)
                sums += x - x
            }
            return !sums.sum().isFinite || values[whole...].contains { !$0.isFinite }
        }.contains(true)
    }

    mutating func replaceNonfinite(with value: Float, _ workers: Workers) {
        forEachSlab(workers) { values in
            for i in values.indices { values[i] = values[i].isFinite ? values[i] : value }
        }
    }

    /// NaN wherever the voxel of `source` that is nearest to an output voxel is not finite.
    mutating func markNonfinite(
        of source: Tensor, _ motion: Motion, _ map: Affine, _ sampling: Sampling, _ workers: Workers
    ) {
        let (shape, from) = (shape, source.shape)
        let bounds = (0..<3).map { sampling.inside(from.extent[$0]) }
        /// The voxel index along each input axis, for one output; nil outside the field of view.
        func nearest(_ c: Double, _ axis: Int) -> Int? {
            guard bounds[axis].contains(c) else { return nil }
            return sampling.resolvedBoundary.fold(nearestIndex(c), from.extent[axis])
        }
        var tables = [[Int?]]()
        if case .axes(let axes) = motion {
            tables = axes.map { axis in (0..<axis.count).map { nearest(axis.coordinate($0), axis.axis) } }
        }
        withUnsafeMutableValues { values in
            source.withUnsafeValues { source in
                nonisolated(unsafe) let values = values
                forEachIndex(shape.n * shape.d, workers) { unit in
                    let (n, k) = unit.quotientAndRemainder(dividingBy: shape.d)
                    for j in 0..<shape.h {
                        let line = Line(map, j, k)
                        for i in 0..<shape.w {
                            let p = tables.isEmpty ? line(i) : .zero
                            guard let x = tables.isEmpty ? nearest(p.x, 0) : tables[0][i],
                                let y = tables.isEmpty ? nearest(p.y, 1) : tables[1][j],
                                let z = tables.isEmpty ? nearest(p.z, 2) : tables[2][k]
                            else { continue }
                            let voxel = from.offset(n: n, d: z, h: y, w: x)
                            let to = shape.offset(n: n, d: k, h: j, w: i)
                            for c in 0..<shape.c where !source[voxel + c].isFinite { values[to + c] = .nan }
                        }
                    }
                }
            }
        }
    }
}
