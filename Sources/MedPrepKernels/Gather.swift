import MedPrepCore

/// Which values each output index of one axis reads.
struct AxisOffsets {
    /// The input axis.
    let axis: Int
    /// The outputs that read a voxel; the others are filled.
    let valid: Range<Int>
    /// Value offsets into the source, for the valid outputs.
    let offsets: [Int]

    /// - Parameter taps: of width 1.
    init(_ taps: Taps, axis: Int, stride: Int) {
        let indices = taps.starts.map { taps.boundary.fold($0, taps.size) }
        let first = indices.firstIndex { $0 != nil } ?? 0
        let last = indices.lastIndex { $0 != nil } ?? -1
        self.axis = axis
        valid = taps.inside.lowerBound + first..<taps.inside.lowerBound + last + 1
        offsets = indices[first..<last + 1].map { ($0 ?? 0) * stride }
    }

    private init(axis: Int, offsets: [Int]) {
        (self.axis, valid, self.offsets) = (axis, 0..<offsets.count, offsets)
    }

    /// Some of the outputs, the first of them as output 0. All read a voxel.
    func part(_ outputs: Range<Int>) -> AxisOffsets {
        AxisOffsets(axis: axis, offsets: Array(offsets[outputs]))
    }

    /// The distance between neighbours where it is the same all along.
    var step: Int? {
        guard offsets.count > 1 else { return 0 }
        let step = offsets[1] - offsets[0]
        return zip(offsets, offsets.dropFirst()).allSatisfy { $1 - $0 == step } ? step : nil
    }
}

extension Tensor {
    /// One voxel for each output voxel, by tables along x, y and z; `fill` where a table has none. Whole-voxel
    /// copies, flips, permutations, padding and nearest-neighbour scaling are all this.
    func gathered(_ tables: [AxisOffsets], to extent: SIMD3<Int>, fill: Float, _ workers: Workers) -> Tensor {
        withElements(
            GatheredCopy(source: shape, tables: tables, extent: extent, fill: fill, workers: workers))
    }
}

private struct GatheredCopy: ElementLoop {
    let source: Shape
    let tables: [AxisOffsets]
    let extent: SIMD3<Int>
    let fill: Float
    let workers: Workers

    func callAsFunction<Element: StoredElement>(_ values: UnsafeBufferPointer<Element>) -> Tensor {
        let shape = Shape(n: source.n, extent: extent, c: source.c)
        return Tensor(shape) { result in
            let isFull = (0..<3).allSatisfy { tables[$0].valid == 0..<extent[$0] }
            if !isFull { fillAll(result, fill, workers) }
            if tables.contains(where: \.valid.isEmpty) { return }
            let gather = Gather(
                source: values.baseAddress!, result: result.baseAddress!, shape: shape,
                sourceCount: source.sampleCount, tables: tables)
            gather.run(workers)
        }
    }
}

/// Sets all values, in parallel.
func fillAll(_ values: UnsafeMutableBufferPointer<Float>, _ value: Float, _ workers: Workers) {
    let block = 1 << 16
    forEachIndex((values.count + block - 1) / block, workers) { index in
        let first = index * block
        (values.baseAddress! + first).initialize(repeating: value, count: min(block, values.count - first))
    }
}

/// The loops of `gathered`: over rows where rows stay rows (see Window), else over tiles (see Permute). The numbers of a
/// file become Floats on their way.
struct Gather<Element: StoredElement> {
    let source: UnsafePointer<Element>
    let result: UnsafeMutablePointer<Float>
    /// Of the result.
    let shape: Shape
    /// Values of one sample of the source.
    let sourceCount: Int
    let tables: [AxisOffsets]

    func run(_ workers: Workers) { if tables[0].axis == 0 { rows(workers) } else { tiles(workers) } }
}
