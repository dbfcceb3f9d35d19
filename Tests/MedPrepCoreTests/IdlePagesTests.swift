import Dispatch
import MedPrepCore
import Testing

@Suite("IdlePages") struct IdlePagesTests {
    @Test("hands out the shortest range that holds a request, and keeps its rest")
    func shortest() {
        var pages = IdlePages()
        #expect(pages.take(100) == nil && pages.take(30) == nil && pages.take(50) == nil)
        pages.add(1000..<1100)
        pages.add(2000..<2030)
        pages.add(3000..<3050)
        #expect(pages.take(40) == 3010)
        #expect(pages.ranges == [1000..<1100, 2000..<2030, 3000..<3010])
        #expect(pages.take(30) == 2000)
        #expect(pages.ranges == [1000..<1100, 3000..<3010])
        #expect(pages.take(101) == nil)
        #expect(pages.inUse == 171 && pages.idle == 110)
    }

    @Test("joins ranges that touch")
    func joined() {
        var pages = IdlePages()
        for _ in 0..<3 { _ = pages.take(10) }
        pages.add(10..<20)
        pages.add(30..<40)
        pages.add(20..<30)
        #expect(pages.ranges == [10..<40])
        #expect(pages.take(30) == 10 && pages.ranges.isEmpty)
    }

    @Test("keeps no more than was in use at one time, the longest ranges")
    func excess() {
        var pages = IdlePages()
        #expect(pages.take(60) == nil && pages.take(40) == nil)
        pages.add(0..<60)
        pages.add(100..<140)
        #expect(pages.removeExcess().isEmpty && pages.peak == 100 && pages.idle == 100)
        // Fresh memory comes, so kept memory goes.
        #expect(pages.take(70) == nil)
        #expect(pages.removeExcess() == [100..<140, 0..<30])
        #expect(pages.ranges == [30..<60] && pages.inUse == 70 && pages.peak == 100)
        #expect(pages.take(80) == nil)
        #expect(pages.removeExcess() == [30..<60] && pages.peak == 150)
    }

    @Test("keeps a slack beyond that, for what fresh memory leaves of its last page")
    func slack() {
        var pages = IdlePages(slack: 20)
        #expect(pages.take(90) == nil)
        pages.keep(0..<10)
        pages.keep(200..<215)
        #expect(pages.removeExcess() == [0..<5])
        #expect(pages.take(15) == 200 && pages.ranges == [5..<10])
        #expect(pages.removeExcess().isEmpty && pages.peak == 105)
    }

    @Test("what the system refuses is counted no more, and emptying begins the peak anew")
    func refused() {
        var pages = IdlePages()
        _ = pages.take(100)
        _ = pages.take(1000)
        pages.forget(1000)
        #expect(pages.inUse == 100)
        pages.add(0..<100)
        #expect(pages.removeAll() == [0..<100])
        #expect(pages.idle == 0 && pages.peak == 0)
        pages.keep(0..<100)
        #expect(pages.ranges == [0..<100] && pages.inUse == 0)
    }

    @Test("a thousand random requests never share an address and stay within the peak")
    func random() {
        var (pages, generator) = (IdlePages(), SeededGenerator(seed: 7))
        var (taken, fresh) = ([Range<UInt>](), UInt(1 << 20))
        for _ in 0..<1000 {
            if taken.isEmpty || generator.index(below: 2) == 0 {
                let size = 16 * (1 + generator.index(below: 64))
                let start = pages.take(size) ?? fresh
                if start == fresh { fresh += UInt(size + 16 * generator.index(below: 2)) }
                let range = start..<start + UInt(size)
                #expect(!taken.contains { $0.overlaps(range) })
                taken.append(range)
            } else {
                pages.add(taken.remove(at: generator.index(below: taken.count)))
            }
            _ = pages.removeExcess()
            #expect(pages.inUse == taken.reduce(0) { $0 + $1.count })
            #expect(pages.inUse + pages.idle <= pages.peak)
            #expect(zip(pages.ranges, pages.ranges.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
            #expect(!pages.ranges.contains { idle in taken.contains { $0.overlaps(idle) } })
        }
    }

    @Test("large tensors of many threads keep their own values")
    func threads() {
        let wrong = UnsafeMutableBufferPointer<Bool>.allocate(capacity: 64)
        wrong.initialize(repeating: false)
        defer { wrong.deallocate() }
        // Each index is written once.
        nonisolated(unsafe) let places = wrong
        DispatchQueue.concurrentPerform(iterations: 64) { index in
            let shape = Shape(d: 40 + index % 7, h: 100, w: 100)
            let tensor = Tensor(shape, repeating: Float(index))
            var other = tensor
            other[d: 0, h: 0, w: 0] = -1
            if index % 16 == 0 { Tensor.releaseIdleMemory() }
            let isKept = tensor.withUnsafeValues { $0.allSatisfy { $0 == Float(index) } }
            places[index] =
                !isKept || other[d: 0, h: 0, w: 0] != -1 || other[d: 1, h: 0, w: 0] != Float(index)
        }
        #expect(!wrong.contains(true))
    }
}
