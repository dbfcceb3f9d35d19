import MedPrepCore

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

    /// What the outputs of a block read: where it lies if its rows are rows there, else copied by the tables while the second
    /// cache has room.
    func withInput(_ sample: Int, _ rows: Range<Int>, _ planes: Range<Int>, _ body: (Input) -> Void) {
        let from = source + sample * sourceCount
        guard let tables else {
            return body(Input(first: from, planeStep: sourceShape.h * rowIn, rowStep: rowIn))
        }
        if tables[0].step == c, let rowStep = tables[1].step, let planeStep = tables[2].step {
            let first = from + tables.reduce(0) { $0 + $1.offsets[0] }
            return body(Input(first: first, planeStep: planeStep, rowStep: rowStep))
        }
        let (high, deep) = (y.span(rows), z.span(planes))
        // Beyond the lattice all is fill, which is no voxel.
        if high.isEmpty || deep.isEmpty { return body(Input(first: from, planeStep: 0, rowStep: 0)) }
        let shape = Shape(extent: SIMD3(sourceShape.w, high.count, deep.count), c: c)
        withScratch(of: Float.self, count: shape.count) { copy in
            let copy = copy.baseAddress!
            let planeCount = high.count * rowIn
            Gather(
                source: from, result: copy, shape: shape, sourceCount: sourceCount,
                tables: [tables[0], tables[1].part(high), tables[2].part(deep)]
            ).run(.one)
            let before = deep.lowerBound * planeCount + high.lowerBound * rowIn
            body(Input(first: copy - before, planeStep: planeCount, rowStep: rowIn))
        }
    }
}
