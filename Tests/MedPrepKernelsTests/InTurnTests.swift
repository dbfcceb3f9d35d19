import MedPrepCore
import MedPrepKernels
import Synchronization
import Testing

@Suite("Loops in turn") struct InTurnTests {
    struct Stop: Error, Equatable { let piece: Int }

    final class Count: Sendable {
        let now = Atomic(0)
        let most = Atomic(0)

        func enter() {
            let inside = now.add(1, ordering: .relaxed).newValue
            _ = most.max(inside, ordering: .relaxed)
        }

        func leave() { now.subtract(1, ordering: .relaxed) }
    }

    @Test("takes and gives in order, works on each piece once", arguments: [1, 2, 3, 8])
    func order(workers: Int) {
        for count in [0, 1, 2, 7, 300] {
            let worked = (0..<count).map { _ in Count() }
            var (taken, given) = ([Int](), [Int]())
            forEachInTurn(
                count, Workers(workers), take: { (piece, _) in taken.append(piece) },
                work: { (piece, _) in worked[piece].enter() }, give: { (piece, _) in given.append(piece) })
            #expect(taken == Array(0..<count) && given == taken)
            #expect(worked.allSatisfy { $0.now.load(ordering: .relaxed) == 1 })
        }
    }

    @Test("a piece keeps its slot to itself", arguments: [1, 2, 3, 8])
    func slots(workers: Int) {
        let count = 200
        let slots = pieceSlots(count, Workers(workers))
        #expect(slots == (workers == 1 ? 1 : 2 * workers))
        let places = UnsafeMutablePointer<Int>.allocate(capacity: slots)
        defer { places.deallocate() }
        nonisolated(unsafe) let shared = places
        var sums = [Int]()
        forEachInTurn(
            count, Workers(workers), take: { (piece, slot) in shared[slot] = piece },
            work: { (piece, slot) in
                // Some pieces are slow.
                for _ in 0..<(piece % 7 == 0 ? 20_000 : 10) { shared[slot] += 1 }
            },
            give: { (_, slot) in sums.append(shared[slot]) })
        #expect(sums == (0..<count).map { $0 + ($0 % 7 == 0 ? 20_000 : 10) })
    }

    @Test("never more bodies at one time than workers", arguments: [1, 2, 3])
    func bound(workers: Int) {
        let bodies = Count()
        func body() {
            bodies.enter()
            for _ in 0..<1000 { _ = bodies.now.load(ordering: .relaxed) }
            bodies.leave()
        }
        forEachInTurn(
            100, Workers(workers), take: { (_, _) in body() }, work: { (_, _) in body() },
            give: { (_, _) in body() })
        #expect(bodies.most.load(ordering: .relaxed) <= workers)
    }

    @Test("an error in either hand ends the loop", arguments: [1, 2, 3])
    func failure(workers: Int) {
        for bad in [0, 1, 50, 99] {
            var given = [Int]()
            let stop = #expect(throws: Stop.self) {
                try forEachInTurn(
                    100, Workers(workers),
                    take: { (piece, _) throws(Stop) in if piece == bad { throw Stop(piece: piece) } },
                    work: { (_, _) in }, give: { (piece, _) throws(Stop) in given.append(piece) })
            }
            #expect(stop == Stop(piece: bad) && given == Array(0..<given.count) && given.count <= bad)
            given = []
            let late = #expect(throws: Stop.self) {
                try forEachInTurn(
                    100, Workers(workers), work: { (_, _) in },
                    give: { (piece, _) throws(Stop) in
                        if piece == bad { throw Stop(piece: piece) }
                        given.append(piece)
                    })
            }
            #expect(late == Stop(piece: bad) && given == Array(0..<bad))
        }
    }
}
