import MedPrepCore

/// The passes along x, y and z.
///
/// - Parameters:
///   - seen: the extent of what is read.
///   - tables: where its voxels lie in the source; nil: it is the source.
func separated(
    _ source: Tensor, seen: SIMD3<Int>, through tables: [AxisOffsets]?, _ taps: [Taps],
    to extent: SIMD3<Int>, fill: Float, _ workers: Workers
) -> Tensor {
    let read = SeparatedRead(
        source: source.shape, seen: seen, tables: tables, taps: taps, extent: extent, fill: fill,
        workers: workers)
    return tables == nil ? source.withUnsafeValues { read($0) } : source.withElements(read)
}

private struct SeparatedRead: ElementLoop {
    let source: Shape
    let seen: SIMD3<Int>
    let tables: [AxisOffsets]?
    let taps: [Taps]
    let extent: SIMD3<Int>
    let fill: Float
    let workers: Workers

    func callAsFunction<Element: StoredElement>(_ values: UnsafeBufferPointer<Element>) -> Tensor {
        let shape = Shape(n: source.n, extent: extent, c: source.c)
        let seen = Shape(n: source.n, extent: seen, c: source.c)
        return Tensor(shape) { out in
            if !(0..<3).allSatisfy({ taps[$0].inside == 0..<extent[$0] }) { fillAll(out, fill, workers) }
            if taps.contains(where: \.inside.isEmpty) { return }
            let passes = Separable(
                sourceShape: seen, result: out.baseAddress!, shape: shape, x: taps[0], y: taps[1], z: taps[2],
                fill: fill)
            let rows = Separable.Source(
                values: values.baseAddress!, sampleCount: source.sampleCount, seen: seen, tables: tables ?? []
            )
            passes.run(rows, workers)
        }
    }
}

extension Separable {
    /// The rows that a block reads. Of a copy, the pointer is to where row 0 of plane 0 would be.
    struct Input {
        let first: UnsafePointer<Float>
        /// Values from plane to plane and from row to row.
        let planeStep: Int
        let rowStep: Int
        func row(_ row: Int, ofPlane plane: Int) -> UnsafePointer<Float> {
            first + (plane * planeStep + row * rowStep)
        }
    }

    /// Where the blocks find what they read.
    struct Source<Element: StoredElement> {
        let values: UnsafePointer<Element>
        /// Values of a sample.
        let sampleCount: Int
        /// Of what is seen of them.
        let seen: Shape
        /// Where that lies; none: it is the source, of Floats.
        let tables: [AxisOffsets]

        /// The rows `high` of the planes `deep`: where they lie if they are rows of Floats there, else copied by the tables while
        /// the cache has room.
        func withInput(_ sample: Int, _ high: Range<Int>, _ deep: Range<Int>, _ body: (Input) -> Void) {
            let rowCount = seen.w * seen.c
            let from = values + sample * sampleCount
            if let floats = from as? UnsafePointer<Float> {
                if tables.isEmpty {
                    return body(Input(first: floats, planeStep: seen.h * rowCount, rowStep: rowCount))
                }
                if tables[0].step == seen.c, let rowStep = tables[1].step, let planeStep = tables[2].step {
                    let first = floats + tables.reduce(0) { $0 + $1.offsets[0] }
                    return body(Input(first: first, planeStep: planeStep, rowStep: rowStep))
                }
            }
            // Beyond the lattice all is fill, which is no voxel: one of them stands for none.
            let (high, deep) = (high.isEmpty ? 0..<1 : high, deep.isEmpty ? 0..<1 : deep)
            let shape = Shape(extent: SIMD3(seen.w, high.count, deep.count), c: seen.c)
            withScratch(of: Float.self, count: shape.count) { copy in
                let copy = copy.baseAddress!
                let planeCount = high.count * rowCount
                Gather(
                    source: from, result: copy, shape: shape, sourceCount: sampleCount,
                    tables: [tables[0], tables[1].part(high), tables[2].part(deep)]
                ).run(.one)
                let before = deep.lowerBound * planeCount + high.lowerBound * rowCount
                body(Input(first: copy - before, planeStep: planeCount, rowStep: rowCount))
            }
        }
    }
}
