import MedPrepCore
import Testing

@Suite("Tensor") struct TensorTests {
    private let shape = Shape(n: 2, d: 1, h: 2, w: 3, c: 2)

    @Test("holds the values it was made of, by index")
    func values() {
        let tensor = Tensor(shape, (0..<24).map { Float($0) })
        #expect(tensor[n: 1, d: 0, h: 1, w: 2, c: 1] == 23)
        #expect(tensor[d: 0, h: 0, w: 1] == 2)
        #expect(tensor.values == (0..<24).map { Float($0) })
        #expect(Tensor(shape, repeating: 7).values.allSatisfy { $0 == 7 })
        #expect(Tensor(shape).values.allSatisfy { $0 == 0 })
    }

    @Test("a copy shares storage until one of the two changes")
    func copyOnWrite() {
        let first = Tensor(shape, repeating: 1)
        var second = first
        #expect(second.storageAddress == first.storageAddress)
        second[d: 0, h: 0, w: 0] = 5
        #expect(second.storageAddress != first.storageAddress)
        #expect(first[d: 0, h: 0, w: 0] == 1 && second[d: 0, h: 0, w: 0] == 5)
        #expect(second.values.dropFirst().allSatisfy { $0 == 1 })
        let address = second.storageAddress
        second[n: 1, d: 0, h: 1, w: 2, c: 1] = 6
        #expect(second.storageAddress == address)
    }

    @Test("a sole owner is changed in place, also when it is handed on")
    func inPlace() {
        func changed(_ tensor: consuming Tensor) -> Tensor {
            tensor.withUnsafeMutableValues { $0[0] = 9 }
            return tensor
        }
        let tensor = Tensor(shape)
        let address = tensor.storageAddress
        let result = changed(consume tensor)
        #expect(result.storageAddress == address && result.values[0] == 9)
    }

    @Test("another shape of equal count sees the same storage")
    func reshaped() {
        let tensor = Tensor(shape, (0..<24).map { Float($0) })
        let address = tensor.storageAddress
        let flat = tensor.reshaped(to: Shape(d: 1, h: 1, w: 24))
        #expect(flat.storageAddress == address && flat[d: 0, h: 0, w: 23] == 23)
    }

    @Test("shrinks in place where nobody shares the values, and what is handed over is gone where it was")
    func shrinks() {
        for count in [24, 3 << 20] {
            var tensor = Tensor(Shape(d: 1, h: 1, w: count)) { values in
                for index in 0..<count { values.initializeElement(at: index, to: Float(index % 1000)) }
            }
            let (address, half) = (tensor.storageAddress, Shape(d: 1, h: 1, w: count / 2))
            let shares = [tensor]
            let isDone = tensor.shrinkInPlace(to: half) { _, _, _ in }
            #expect(!isDone && tensor.shape.w == count && shares[0].shape.w == count)
            var alone = Tensor(tensor.shape, tensor.values)
            let before = alone.storageAddress
            var taken = alone.handedOver()
            #expect(alone.shape.count == 0 && taken.storageAddress == before && before != address)
            var end: UnsafeRawPointer?
            let isShrunk = taken.shrinkInPlace(to: half) { from, to, size in
                #expect(from == before && size == 4)
                // The end of the memory, at a whole cache line.
                let distance = UnsafeRawPointer(to) - from
                #expect(distance >= 2 * count && distance < 2 * count + 64 && Int(bitPattern: to) % 64 == 0)
                to.assumingMemoryBound(to: Float.self).update(repeating: 7, count: count / 2)
                end = UnsafeRawPointer(to)
            }
            #expect(isShrunk && taken.storageAddress == end && taken.shape == half)
            let isKept = taken.withUnsafeValues { values in
                values.count == count / 2 && values.allSatisfy { $0 == 7 }
            }
            #expect(isKept)
        }
    }

    @Test("an error while filling passes through")
    func failure() {
        struct Stop: Error {}
        #expect(throws: Stop.self) {
            _ = try Tensor(shape) { (_) throws(Stop) in throw Stop() }
        }
        let filled = Tensor(shape) { $0.initialize(repeating: 3) }
        #expect(filled.values.allSatisfy { $0 == 3 })
    }
}

@Suite("Slabs") struct SlabsTests {
    @Test(
        "cover every value once, in order, none across two samples, whatever the channels",
        arguments: [
            Shape(d: 1, h: 1, w: 1), Shape(n: 3, d: 1, h: 1, w: 5, c: 2), Shape(d: 32, h: 32, w: 32),
            Shape(n: 2, d: 33, h: 32, w: 32, c: 3), Shape(n: 2, d: 100, h: 50, w: 41),
        ])
    func cover(shape: Shape) {
        let slabs = shape.slabs
        #expect(slabs.count == shape.n * slabs.perSample)
        var next = 0
        for (index, slab) in slabs.enumerated() {
            #expect(slab.lowerBound == next && !slab.isEmpty)
            #expect(slab.count <= Slabs.voxelsPerSlab * shape.c && slab.count % shape.c == 0)
            let sample = slabs.sample(of: index)
            let values = sample * shape.sampleCount..<(sample + 1) * shape.sampleCount
            #expect(values.contains(slab.lowerBound) && slab.upperBound <= values.upperBound)
            next = slab.upperBound
        }
        #expect(next == shape.count)
    }

    @Test("are as many voxels for any number of channels")
    func channels() {
        let voxels = { (c: Int) in Shape(d: 40, h: 40, w: 40, c: c).slabs.map { $0.count / c } }
        #expect(voxels(1) == [32_768, 31_232])
        #expect(voxels(7) == voxels(1))
    }
}
