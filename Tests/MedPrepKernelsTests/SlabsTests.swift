import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Synchronization
import Testing

@Suite("Slab loops") struct SlabLoopTests {
    @Test("every index is taken once, on any number of workers", arguments: [1, 2, 3, 8])
    func indices(workers: Int) {
        for count in [0, 1, 2, 7, 100] {
            let taken = (0..<count).map { _ in Counter() }
            forEachIndex(count, Workers(workers)) { taken[$0].value.add(1, ordering: .relaxed) }
            #expect(taken.allSatisfy { $0.value.load(ordering: .relaxed) == 1 })
        }
        forEachIndex(-1, Workers(workers)) { _ in Issue.record("an index below 0") }
    }

    private final class Counter: Sendable {
        let value = Atomic(0)
    }

    @Test("each slab is changed in place, once", arguments: [1, 2, 3])
    func change(workers: Int) {
        let shape = Shape(n: 2, d: 33, h: 32, w: 33, c: 2)
        var tensor = Tensor.random(shape, seed: 3)
        let (before, address) = (tensor.values, tensor.storageAddress)
        tensor.forEachSlab(Workers(workers)) { slab in
            for index in slab.indices { slab[index] += 1 }
        }
        #expect(tensor.values == before.map { $0 + 1 } && tensor.storageAddress == address)
    }

    @Test("results come in slab order", arguments: [1, 2, 3])
    func map(workers: Int) {
        let shape = Shape(n: 2, d: 33, h: 32, w: 33, c: 2)
        let tensor = Tensor(shape, (0..<shape.count).map { Float($0) })
        let found = tensor.mapSlabs(Workers(workers)) { index, slab in [index, Int(slab[0]), slab.count] }
        let expected = shape.slabs.enumerated().map { [$0, $1.lowerBound, $1.count] }
        #expect(found == expected && found.count == 4)
    }

    @Test("rows fit a shape that has one element for each channel of each sample")
    func rows() {
        let shape = Shape(n: 2, d: 1, h: 1, w: 1, c: 3)
        #expect(shape.fits([[1, 2, 3], [4, 5, 6]]))
        #expect(!shape.fits([[1, 2, 3]]) && !shape.fits([[1, 2, 3], [4, 5]]))
    }
}
