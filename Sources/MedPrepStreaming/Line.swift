import Dispatch

/// Items on their way through stages: many inputs, few in flight, results in the order of the input.
///
/// An item is admitted when its bytes fit the budget, and leaves the budget when `finish` has returned and the item
/// is freed. At most `jobs` bodies run at one time, on `jobs` Dispatch queues of their own; with one job, and in a
/// forked child, they run on the calling thread, with the same groups and the same order.
///
/// A body may compute on `threads` of its own. At the end of the inputs the items on the line share the threads that
/// would be idle.
///
///     threads of all bodies ≤ jobs
///     bytes in flight ≤ max(budget, bytes of `span` items in a row)
///
/// The second term: a group needs all its members in flight, so they are admitted even above the budget. Who cannot
/// afford that compares before the run. An item that is larger than the budget goes alone.
package struct Line<Item: Sendable>: Sendable {
    /// What `finish` wants.
    package enum Wish: Sendable {
        case more
        /// Admit no more items; those in flight still come.
        case stop
    }

    /// Why a line ended.
    package enum End: Sendable {
        case allInputsDone
        /// By `finish` or `isCancelled`; what `finish` did not see was not done.
        case stopped
    }

    package let stages: [Stage<Item>]
    package let jobs: Int
    package let threads: Int
    package let budget: Int

    /// Fewer than one job counts as one, and so do fewer than one thread. `budget`: bytes.
    package init(_ stages: [Stage<Item>], jobs: Int, threads: Int = 1, budget: Int) {
        self.stages = stages
        self.jobs = max(jobs, 1)
        self.threads = max(threads, 1)
        self.budget = budget
    }

    /// The most items in a row that groups may need in flight at one time: the size of the only group, 1 without.
    package var span: Int { stages.reduce(1) { $0 + $1.size - 1 } }

    /// Takes the inputs through all stages.
    ///
    /// - `bytes`, `threadBytes`, `start`, `finish`, `isCancelled` are called on this thread; `finish` in the order of
    ///   the input. `threadBytes`: of each thread that an item gets beyond `threads`.
    /// - When `isCancelled` says so, or `finish` wants a stop, no more items are admitted. Those in flight are
    ///   finished, but a group cut short is dropped: with fewer members it would compute something else than in a
    ///   whole run. So `finish` always sees the first inputs without a gap.
    package func run<Inputs: Sequence>(
        _ inputs: Inputs, bytes: (Inputs.Element) -> Int, threadBytes: (Inputs.Element) -> Int = { _ in 0 },
        isCancelled: () -> Bool = { false }, start: (Inputs.Element) -> Item, finish: (Item) -> Wish
    ) -> End {
        let isAlone = jobs == 1 || Fork.isChild || stages.isEmpty
        let state = Guarded(
            LineState(stages, jobs: isAlone ? 1 : jobs, threads: threads, budget: budget))
        let crew = isAlone ? nil : startCrew(state)
        defer { crew?.wait() }

        var (iterator, pending) = (inputs.makeIterator(), Inputs.Element?.none)
        var wish = Wish.more
        var end: End?

        func leave(_ ticket: Ticket<Item>) {
            if let item = ticket.take(), finish(item) == .stop { wish = .stop }
            state.change { $0.giveRoom(ticket.bytes) }
        }

        /// False: the next input has to wait.
        func admit(_ input: Inputs.Element) -> Bool {
            let wanted = bytes(input)
            let (index, taken) = state.change { ($0.admitted, $0.takeRoom(wanted)) }
            guard let taken else { return false }
            let ticket = Ticket(start(input), index: index, bytes: taken, threadBytes: threadBytes(input))
            state.change { $0.admit(ticket) }
            return true
        }

        while true {
            if let ticket = state.change({ $0.leave() }) {
                leave(ticket)
                continue
            }
            if crew == nil, work(state) { continue }
            if end == nil {
                pending = pending ?? iterator.next()
                if let input = pending, wish == .more, !isCancelled() {
                    if admit(input) {
                        pending = nil
                        continue
                    }
                } else {
                    let reason: End = pending == nil ? .allInputsDone : .stopped
                    state.change { $0.close(cut: reason == .stopped) }
                    end = reason
                    continue
                }
            }
            if let end, state.change({ $0.isOver }) { return end }
            leave(state.wait { $0.leave() })
        }
    }

    /// Threads that work until the line is over.
    private func startCrew(_ state: Guarded<LineState<Item>>) -> DispatchGroup {
        let crew = DispatchGroup()
        // A serial queue each: blocked threads of the shared pool would be missing elsewhere. Dispatch gives a
        // process some 250 threads; one that starts late costs time, never the end of the line.
        for number in 0..<min(jobs, stages.reduce(0) { $0 + $1.width }) {
            DispatchQueue(label: "medprep.line.\(number)").async(group: crew) {
                while let work = state.wait(until: { $0.nextOrOver() }) { run(work, state) }
            }
        }
        return crew
    }

    /// One piece of work on the calling thread. False: there is none.
    private func work(_ state: Guarded<LineState<Item>>) -> Bool {
        guard let work = state.change({ $0.next() }) else { return false }
        run(work, state)
        return true
    }

    private func run(_ work: LineState<Item>.Work, _ state: Guarded<LineState<Item>>) {
        let stage = stages[work.stage]
        if work.isWhole { stage.run(work.tickets, threads: work.threads) } else { stage.drop(work.tickets) }
        state.change { $0.done(work) }
    }
}
