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
/// Who has taken a piece goes on taking while there is room, and leaves the work to others: nothing waits for a thread
/// that has to wake up first.
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
        var turn = order.first()
        while let (hand, piece) = turn {
            do throws(Failure) {
                switch hand {
                case .take: try take(piece, piece % slots)
                case .work: work(piece, piece % slots)
                case .give: try give(piece, piece % slots)
                }
                turn = order.next(after: hand, piece)
            } catch {
                turn = order.fail(error)
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
    enum Hand {
        case take, work, give
    }

    typealias Turn = (hand: Hand, piece: Int)

    private enum State {
        /// No piece is there, or one is in somebody's hands.
        case busy
        case taken, worked
    }

    // All variables are touched between `gate.wait()` and `gate.signal()` only.
    private let gate = DispatchSemaphore(value: 1)
    private let wake = DispatchSemaphore(value: 0)
    private let count: Int
    /// By slot.
    private var states: [State]
    private var (takenCount, givenCount) = (0, 0)
    private var (isTaking, isGiving) = (false, false)
    private var sleepers = 0
    private(set) var failure: Failure?

    init(_ count: Int, slots: Int) {
        self.count = count
        states = Array(repeating: .busy, count: slots)
    }

    /// Waits for a turn; nil: there is no more.
    func first() -> Turn? { next {} }

    func next(after hand: Hand, _ piece: Int) -> Turn? {
        next {
            switch hand {
            case .take: (isTaking, takenCount, states[piece % states.count]) = (false, takenCount + 1, .taken)
            case .work: states[piece % states.count] = .worked
            case .give: (isGiving, givenCount) = (false, givenCount + 1)
            }
        }
    }

    func fail(_ error: Failure) -> Turn? { next { failure = failure ?? error } }

    /// Whoever changes something looks for a turn at once, and wakes one other if there is a second turn. So all that
    /// can be done is done, and few wake in vain.
    private func next(after change: () -> Void) -> Turn? {
        gate.wait()
        defer { gate.signal() }
        change()
        while failure == nil, givenCount < count {
            if let turn {
                begin(turn)
                if self.turn != nil { wakeOne() }
                return turn
            }
            sleepers += 1
            gate.signal()
            wake.wait()
            gate.wait()
        }
        wakeOne()
        return nil
    }

    /// Pieces are given before others are taken, so that slots get free, and taken before others are worked on, so
    /// that there is work for all.
    private var turn: Turn? {
        let slots = states.count
        if !isGiving, givenCount < takenCount, states[givenCount % slots] == .worked {
            return (.give, givenCount)
        }
        if !isTaking, takenCount < count, takenCount - givenCount < slots { return (.take, takenCount) }
        let piece = (givenCount..<takenCount).first { states[$0 % slots] == .taken }
        return piece.map { (.work, $0) }
    }

    private func begin(_ turn: Turn) {
        switch turn.hand {
        case .take: isTaking = true
        case .work: states[turn.piece % states.count] = .busy
        case .give: (isGiving, states[turn.piece % states.count]) = (true, .busy)
        }
    }

    private func wakeOne() {
        guard sleepers > 0 else { return }
        sleepers -= 1
        wake.signal()
    }
}
