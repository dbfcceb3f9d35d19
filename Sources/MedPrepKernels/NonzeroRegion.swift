package import MedPrepCore

extension Tensor {
    /// 1 where some channel is not 0 or where the background cannot reach, 0 elsewhere: the union of the channels
    /// with its holes filled, sample by sample.
    ///
    /// - Parameters:
    ///   - anyChannel: false: where every channel is not 0.
    ///   - fillsHoles: false: holes stay 0.
    ///
    /// A hole is a set of zeros that no path of face neighbours joins to the border of the volume. NaN is not 0.
    ///
    /// - Shape: one channel, this tensor's samples and extent.
    /// - Cost: linear; each row is filled run by run from a stack of seeds.
    package func nonzeroRegion(
        anyChannel: Bool = true, fillsHoles: Bool = true, _ workers: Workers
    ) -> Tensor {
        let (shape, voxels) = (shape, shape.voxelCount)
        return Tensor(Shape(n: shape.n, d: shape.d, h: shape.h, w: shape.w)) { region in
            withUnsafeValues { values in
                // Samples do not overlap.
                nonisolated(unsafe) let (region, values) = (region, values)
                forEachIndex(shape.n, workers) { sample in
                    let place = UnsafeMutableBufferPointer(
                        rebasing: region[sample * voxels..<(sample + 1) * voxels])
                    let first = sample * shape.sampleCount
                    for voxel in 0..<voxels {
                        let start = first + voxel * shape.c
                        let channels = values[start..<start + shape.c]
                        let isInside =
                            anyChannel ? channels.contains { $0 != 0 } : channels.allSatisfy { $0 != 0 }
                        place.initializeElement(at: voxel, to: isInside ? 1 : fillsHoles ? unseen : 0)
                    }
                    if !fillsHoles { return }
                    fillBackground(place, shape.extent)
                    for voxel in 0..<voxels where place[voxel] == unseen { place[voxel] = 1 }
                }
            }
        }
    }
}

/// Marks zeros that the flood has not reached yet.
private let unseen: Float = -1

/// Sets to 0 what is unseen and joined to the border by faces.
private func fillBackground(_ x: UnsafeMutableBufferPointer<Float>, _ extent: SIMD3<Int>) {
    var seeds = [Int]()
    for k in 0..<extent.z {
        for j in 0..<extent.y {
            let row = (k * extent.y + j) * extent.x
            if k == 0 || k == extent.z - 1 || j == 0 || j == extent.y - 1 {
                for i in row..<row + extent.x where x[i] == unseen { fill(from: i, x, extent, &seeds) }
            } else {
                fill(from: row, x, extent, &seeds)
                fill(from: row + extent.x - 1, x, extent, &seeds)
            }
        }
    }
}

/// The run of unseen voxels around `start`, and all that it leads to.
private func fill(
    from start: Int, _ x: UnsafeMutableBufferPointer<Float>, _ extent: SIMD3<Int>, _ seeds: inout [Int]
) {
    seeds.append(start)
    while let seed = seeds.popLast() {
        if x[seed] != unseen { continue }
        let (rowIndex, i) = seed.quotientAndRemainder(dividingBy: extent.x)
        let row = seed - i
        var (lower, upper) = (seed, seed + 1)
        while lower > row, x[lower - 1] == unseen { lower -= 1 }
        while upper < row + extent.x, x[upper] == unseen { upper += 1 }
        for voxel in lower..<upper { x[voxel] = 0 }
        let (k, j) = rowIndex.quotientAndRemainder(dividingBy: extent.y)
        let plane = extent.x * extent.y
        if j > 0 { addRuns(lower - extent.x..<upper - extent.x, x, &seeds) }
        if j < extent.y - 1 { addRuns(lower + extent.x..<upper + extent.x, x, &seeds) }
        if k > 0 { addRuns(lower - plane..<upper - plane, x, &seeds) }
        if k < extent.z - 1 { addRuns(lower + plane..<upper + plane, x, &seeds) }
    }
}

/// The first voxel of each unseen run in `range`.
private func addRuns(_ range: Range<Int>, _ x: UnsafeMutableBufferPointer<Float>, _ seeds: inout [Int]) {
    var isInRun = false
    for voxel in range {
        let isUnseen = x[voxel] == unseen
        if isUnseen, !isInRun { seeds.append(voxel) }
        isInRun = isUnseen
    }
}
