import MedPrepStreaming
import Testing

private let work = Stage<Int>.each("work", width: .max) { _ in }

/// Lets in as many items of one byte as there is room for, at most `count`; returns how many.
private func admit(
    _ count: Int, to state: inout LineState<Int>, bytes: Int = 1, threadBytes: Int = 0
) -> Int {
    for number in 0..<count {
        guard let taken = state.takeRoom(bytes) else { return number }
        state.admit(Ticket(number, index: state.admitted, bytes: taken, threadBytes: threadBytes))
    }
    return count
}

/// What must be there; `#require` itself takes no mutating call.
private func one<Value>(_ value: Value?) throws -> Value { try #require(value) }

/// All the work that may begin now.
private func begin(_ state: inout LineState<Int>) -> [LineState<Int>.Work] {
    var begun = [LineState<Int>.Work]()
    while let work = state.next() { begun.append(work) }
    return begun
}

@Suite("Threads of a line") struct LineStateTests {
    @Test("while items may come, each body has the least")
    func least() {
        for (jobs, threads, expected) in [(4, 1, [1, 1, 1, 1]), (5, 2, [2, 2]), (2, 7, [2])] {
            var state = LineState([work], jobs: jobs, threads: threads, budget: 100)
            #expect(admit(4, to: &state) == 4)
            #expect(begin(&state).map(\.threads) == expected)
        }
    }

    @Test("at the end of the inputs those on the line share what would be idle")
    func end() {
        for (jobs, items, expected) in [
            (4, 1, [4]), (5, 2, [2, 2]), (8, 3, [2, 2, 2]), (3, 3, [1, 1, 1]), (2, 3, [1, 1]), (1, 1, [1]),
        ] {
            var state = LineState([work, work], jobs: jobs, threads: 1, budget: 100)
            #expect(admit(items, to: &state) == items)
            state.close(cut: false)
            #expect(begin(&state).map(\.threads) == expected, "\(items) on \(jobs)")
        }
    }

    @Test("the last item gets the threads of those that are done, stage by stage")
    func last() throws {
        var state = LineState([work, work], jobs: 6, threads: 1, budget: 100)
        #expect(admit(3, to: &state) == 3)
        state.close(cut: false)
        let first = begin(&state)
        #expect(first.map(\.threads) == [2, 2, 2])
        // The first item is through its second stage while the third is in its first.
        state.done(first[0])
        state.done(try one(state.next()))
        #expect(state.leave() != nil)
        state.done(first[1])
        let second = try one(state.next())
        #expect(second.threads == 3)
        state.done(second)
        #expect(state.leave() != nil)
        state.done(first[2])
        #expect(state.next()?.threads == 6)
    }

    @Test("the last inputs, fewer than bodies, enter before others go on", arguments: [1, 3])
    func lastEnter(threads: Int) throws {
        var state = LineState([work, work], jobs: 2 * threads, threads: threads, budget: 100)
        #expect(admit(4, to: &state) == 4)
        state.close(cut: false)
        var inHand = begin(&state)
        #expect(inHand.map(\.stage) == [0, 0])
        // Two wait outside, as many as there are threads: who is inside goes on.
        state.done(inHand.removeFirst())
        inHand.append(try one(state.next()))
        #expect(inHand[1].stage == 1)
        state.done(inHand.removeFirst())
        inHand.append(try one(state.next()))
        #expect(inHand[1].stage == 1)
        state.done(inHand.removeFirst())
        inHand.append(try one(state.next()))
        #expect(inHand[1].stage == 0)
        // One waits outside.
        state.done(inHand.removeLast())
        inHand.append(try one(state.next()))
        #expect(inHand[1].stage == 0)
        state.done(inHand.removeLast())
        #expect(try one(state.next()).stage == 1)
    }

    @Test("before the end nothing is lent, though the next input waits for memory")
    func full() throws {
        var state = LineState([work], jobs: 4, threads: 1, budget: 10)
        #expect(admit(2, to: &state, bytes: 6) == 1)
        #expect(begin(&state).map(\.threads) == [1])
    }

    @Test("the workspace of further threads comes out of the budget and goes back")
    func memory() throws {
        var state = LineState([work, work], jobs: 8, threads: 1, budget: 35)
        #expect(admit(1, to: &state, bytes: 5, threadBytes: 12) == 1)
        state.close(cut: false)
        for _ in 0..<2 {
            let only = try one(state.next())
            #expect(only.threads == 3)
            state.done(only)
        }
        let ticket = try one(state.leave())
        state.giveRoom(ticket.bytes)
        #expect(state.isOver)
    }

    @Test("no more threads than jobs, and everything gets done, whatever ends first", arguments: 0..<40)
    func bound(seed: Int) {
        let jobs = 1 + seed % 7
        let group = Stage<Int>.together("group", size: 1 + seed % 3) { _ in }
        var state = LineState([work, group, work], jobs: jobs, threads: 1 + seed % 2, budget: 6 + seed % 9)
        var (inHand, left, next) = ([LineState<Int>.Work](), 0, seed &* 2_654_435_761)
        var isClosed = false
        while !state.isOver {
            let begun = begin(&state)
            inHand += begun
            #expect(inHand.reduce(0) { $0 + $1.threads } <= jobs)
            next = next &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let draw = Int(UInt(bitPattern: next) >> 33)
            if state.admitted < 30, admit(1, to: &state, bytes: 1 + draw % 4, threadBytes: draw % 3) == 1 {
                continue
            }
            if state.admitted == 30, !isClosed {
                state.close(cut: false)
                isClosed = true
            } else if let ticket = state.leave() {
                state.giveRoom(ticket.bytes)
                left += 1
            } else if inHand.isEmpty {
                Issue.record("stuck with \(left) of 30")
                return
            } else {
                state.done(inHand.remove(at: draw % inHand.count))
            }
        }
        #expect(left == 30)
    }
}
