import MedPrepStreaming
import Testing

@Suite("BoundedQueueState") struct BoundedQueueStateTests {
    @Test("counts what waits and what was promised against its capacity")
    func room() {
        var queue = BoundedQueueState<String>(capacity: 3)
        #expect(queue.room == 3)
        queue.put("a", at: 0)
        queue.promise(2)
        #expect(queue.room == 0)
        queue.putPromised("b", at: 1)
        #expect(queue.room == 0)
        #expect(queue.takeFirst() == "a")
        #expect(queue.room == 1)
    }

    @Test("gives the earliest of those waiting first")
    func first() {
        var queue = BoundedQueueState<Int>(capacity: 8)
        for place in [4, 2, 7, 3] { queue.put(place, at: place) }
        let taken = (0..<5).map { _ in queue.takeFirst() }
        #expect(taken == [2, 3, 4, 7, nil])
    }

    @Test("gives a run once all its places are filled")
    func run() {
        var queue = BoundedQueueState<Int>(capacity: .max)
        for place in [1, 3, 2] { queue.put(place, at: place) }
        #expect(queue.takeRun(1) == nil)
        queue.put(0, at: 0)
        #expect(queue.takeRun(0) == nil)
        #expect(queue.takeRun(5) == nil)
        #expect(queue.takeRun(3) == [0, 1, 2])
        #expect(queue.next == 3)
        #expect(queue.takeRun(2) == nil)
        #expect(queue.takeRun(1) == [3])
        #expect(queue.takeRun(1) == nil)
    }
}
