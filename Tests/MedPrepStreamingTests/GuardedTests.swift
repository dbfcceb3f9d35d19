import Dispatch
import MedPrepStreaming
import Testing

@Suite("Guarded") struct GuardedTests {
    @Test("loses no change of many threads")
    func changes() {
        let count = Guarded(0)
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 0..<1000 { count.change { $0 += 1 } }
        }
        #expect(count.change { $0 } == 8000)
    }

    @Test("wakes who waits when another thread has changed the value")
    func waits() {
        let turn = Guarded(0)
        let group = DispatchGroup()
        for number in (0..<4).reversed() {
            DispatchQueue(label: "turn \(number)").async(group: group) {
                turn.wait { turn -> Int? in
                    if turn != number { return nil }
                    turn += 1
                    return turn
                }
            }
        }
        group.wait()
        #expect(turn.change { $0 } == 4)
    }
}
