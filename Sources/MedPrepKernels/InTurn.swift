import Dispatch
package import MedPrepCore

/// Takes pieces 0 ..< `count` through three hands. `take` and `give` see one piece at a time, in order; `work` sees
/// several at one time, in any order. In all, at most `workers` bodies run at one time.
///
///     take   0 1 2 3 …            inflate
///     work     0 2 3 …            convert, compress
///              1 4 …
///     give       0 1 2 …          write, sum up
///
/// A piece holds one of `pieceSlots` from its take to its give, so a body may keep buffers by slot. An error ends the
/// loop: no piece is taken or given after it, and it is thrown when all bodies have returned.
package func forEachInTurn<Failure: Error>(
    _ count: Int, _ workers: Workers,
    take: (_ piece: Int, _ slot: Int) throws(Failure) -> Void = { _, _ in },
    work: (_ piece: Int, _ slot: Int) -> Void,
    give: (_ piece: Int, _ slot: Int) throws(Failure) -> Void
) throws(Failure) {
    let threads = min(workers.count, count)
    if threads <= 1 {
        for piece in 0..<max(count, 0) {
            try take(piece, 0)
            work(piece, 0)
            try give(piece, 0)
        }
        return
    }
    // concurrentPerform returns before the bodies end their lives, and `PieceOrder` lets one thread take or give.
    nonisolated(unsafe) let (take, work, give) = (take, work, give)
    let slots = pieceSlots(count, workers)
    let order = PieceOrder<Failure>(count, slots: slots)
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
        while let turn = order.next() {
            do throws(Failure) {
                switch turn {
                case .take(let piece):
                    try take(piece, piece % slots)
                    order.taken()
                    work(piece, piece % slots)
                    order.worked(piece)
                case .give(let piece):
                    try give(piece, piece % slots)
                    order.given()
                }
            } catch {
                order.fail(error)
            }
        }
    }
    if let failure = order.failure { throw failure }
}

/// How many pieces `forEachInTurn` has in hand at one time: with two a worker, nobody waits for a slow piece.
package func pieceSlots(_ count: Int, _ workers: Workers) -> Int {
    max(1, min(count, workers.count == 1 ? 1 : 2 * workers.count))
}

/// Who may do what next.
private final class PieceOrder<Failure: Error>: @unchecked Sendable {
    enum Turn {
        case take(Int)
        case give(Int)
    }

    // All variables are touched between `gate.wait()` and `gate.signal()` only.
    private let gate = DispatchSemaphore(value: 1)
    private let wake = DispatchSemaphore(value: 0)
    private let count: Int
    /// By slot: whether its piece waits to be given.
    private var isReady: [Bool]
    private var (takenCount, givenCount) = (0, 0)
    private var (isTaking, isGiving) = (false, false)
    private var sleepers = 0
    private(set) var failure: Failure?

    init(_ count: Int, slots: Int) {
        self.count = count
        isReady = Array(repeating: false, count: slots)
    }

    /// Waits for a turn; nil: there is no more. Pieces are given before others are taken, so that slots get free.
    func next() -> Turn? {
        gate.wait()
        defer { gate.signal() }
        while failure == nil, givenCount < count {
            if !isGiving, isReady[givenCount % isReady.count] {
                isGiving = true
                return .give(givenCount)
            }
            if !isTaking, takenCount < count, takenCount - givenCount < isReady.count {
                isTaking = true
                return .take(takenCount)
            }
            sleepers += 1
            gate.signal()
            wake.wait()
            gate.wait()
        }
        return nil
    }

    func taken() { change { (isTaking, takenCount) = (false, takenCount + 1) } }

    func worked(_ piece: Int) { change { isReady[piece % isReady.count] = true } }

    func given() {
        change {
            isReady[givenCount % isReady.count] = false
            (isGiving, givenCount) = (false, givenCount + 1)
        }
    }

    func fail(_ error: Failure) { change { failure = failure ?? error } }

    private func change(_ body: () -> Void) {
        gate.wait()
        body()
        while sleepers > 0 {
            wake.signal()
            sleepers -= 1
        }
        gate.signal()
    }
}
