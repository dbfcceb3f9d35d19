import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("ScaleSelected") struct ScaleSelectedTests {
    @Test("changes the selected values alone, on any number of workers")
    func selections() {
        let shape = Shape(n: 2, d: 9, h: 61, w: 67, c: 2)
        let values = Tensor.random(shape, seed: 12, spread: 3).values.enumerated().map {
            $0 % 4 == 0 ? 0 : $1
        }
        let tensor = Tensor(shape, values)
        let maskShape = Shape(n: 2, d: 9, h: 61, w: 67)
        let mask = Tensor(maskShape, (0..<maskShape.count).map { $0 % 7 < 3 ? 1 : 0 })
        let inMask = mask.values
        let thresholds: [[Double]] = [[0.5, -1], [2, 0.25]]
        let scalings = [
            [Scaling(center: 1, factor: 2, offset: 3), Scaling(center: -4)],
            [Scaling(), Scaling(offset: 0.5)],
        ]
        func expect(_ selection: VoxelSelection, _ isIn: (Float, _ n: Int, _ voxel: Int, _ c: Int) -> Bool) {
            for workers in 1...3 {
                var found = tensor
                found.scale(by: scalings, where: selection, Workers(workers))
                for n in 0..<2 {
                    for c in 0..<2 {
                        let expected = tensor.channel(c, sample: n).enumerated().map { voxel, x in
                            isIn(x, n, voxel, c) ? scalings[n][c](x) : x
                        }
                        #expect(found.channel(c, sample: n) == expected)
                    }
                }
            }
        }
        expect(.all) { _, _, _, _ in true }
        expect(.nonzero) { x, _, _, _ in x != 0 }
        expect(.positive) { x, _, _, _ in x > 0 }
        expect(.mask(mask)) { _, n, voxel, _ in inMask[n * 9 * 61 * 67 + voxel] > 0 }
        expect(.above(thresholds)) { x, n, _, c in Double(x) > thresholds[n][c] }
    }
}
