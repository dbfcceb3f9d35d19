/// Where every item of a line is, and what may be done next. No lock: `Line` keeps it in a `Guarded`.
///
/// Nothing can get stuck, on any number of threads from one:
/// 1. No thread holds work while it waits: `next` hands out work only when its result has room behind the stage.
/// 2. The last queue and those before groups are unbounded, so of the stages with work the one furthest on whose
///    members are complete has room; it is taken, or at the end the first stage, if that has room too.
/// 3. If no stage has work, the item that leaves next waits in a group for items not admitted yet. Those are exactly
///    the ones `needsMore` calls for, and `Line` admits them whatever the budget says.
package struct LineState<Item: Sendable>: Sendable {
    /// A body to run.
    package struct Work: Sendable {
        package let stage: Int
        package let tickets: [Ticket<Item>]
        /// How many the body may compute on.
        package let threads: Int
        /// What the budget gave for more of them than every body has.
        fileprivate let threadBytes: Int
        /// False: a group cut short because the line was stopped.
        package let isWhole: Bool
    }

    private let stages: [Stage<Item>]
    /// How many bodies of each stage may run at one time.
    private let widths: [Int]
    private let jobs: Int
    /// Threads that every body has.
    private let least: Int
    private var budget: ByteBudget
    /// Threads that bodies have now.
    private var busy = 0
    /// One before each stage, and one for what may leave.
    private var queues: [BoundedQueueState<Ticket<Item>>] = []
    private var running: [Int]
    private var isClosed = false
    private var isCut = false
    package private(set) var admitted = 0
    package private(set) var left = 0

    /// - Parameters:
    ///   - jobs: threads of all bodies together.
    ///   - threads: of each body at least.
    ///   - budget: bytes.
    package init(_ stages: [Stage<Item>], jobs: Int, threads: Int, budget: Int) {
        self.stages = stages
        self.jobs = jobs
        least = min(max(threads, 1), jobs)
        self.budget = ByteBudget(budget)
        widths = stages.map { min($0.width, jobs) }
        running = Array(repeating: 0, count: stages.count)
        for (index, stage) in stages.enumerated() {
            // The first is bounded by `hasRoom`; before a group, late members must find room behind early ones.
            let isUnbounded = index == 0 || stage.isOrdered
            let capacity = isUnbounded ? Int.max : max(widths[index], stages[index - 1].size)
            queues.append(BoundedQueueState(capacity: capacity))
        }
        queues.append(BoundedQueueState(capacity: .max))
    }

    // MARK: In and out

    /// Whether the item that leaves next cannot do so without the next input.
    ///
    ///     end = left + 1, rounded up to a multiple of `size`, from the last stage to the first;  admitted < end
    package var needsMore: Bool {
        let end = stages.reversed().reduce(left + 1) { end, stage in
            (end + stage.size - 1) / stage.size * stage.size
        }
        return admitted < end
    }

    /// Whether one more item keeps the threads busy. Two rounds for each stage: one at work, one waiting.
    package var hasRoom: Bool {
        let window = zip(stages, widths).reduce(1) { $0 + 2 * $1.0.size * $1.1 }
        return admitted - left < window
    }

    /// What the budget gives for one more item; nil while it has to wait.
    package mutating func takeRoom(_ bytes: Int) -> Int? {
        needsMore ? budget.takeWhatIsFree(bytes) : hasRoom ? budget.take(bytes) : nil
    }

    /// Gives back what `takeRoom` gave, once the item is freed.
    package mutating func giveRoom(_ bytes: Int) { budget.give(bytes) }

    package mutating func admit(_ ticket: Ticket<Item>) {
        precondition(!isClosed && ticket.index == admitted, "items are admitted in order, before the end")
        admitted += 1
        queues[0].put(ticket, at: ticket.index)
    }

    /// No more items will come. `cut`: although there were more.
    package mutating func close(cut: Bool) {
        isClosed = true
        isCut = cut
    }

    /// The next item in the order of the input, if it has passed all stages.
    package mutating func leave() -> Ticket<Item>? {
        guard let ticket = queues[stages.count].takeRun(1)?.first else { return nil }
        left += 1
        return ticket
    }

    package var isOver: Bool { isClosed && left == admitted }

    // MARK: Work

    /// Work that may begin now: the stage furthest on first, so that items leave before others enter.
    ///
    /// Not so for the last inputs, once they are fewer than the bodies that may run: they enter first, or one thread would be
    /// left to begin them while the others have nothing to do.
    package mutating func next() -> Work? {
        guard busy + least <= jobs else { return nil }
        let isEnding = isClosed && (1..<jobs / least).contains(queues[0].count)
        let order = (isEnding ? [0] : []) + stages.indices.reversed()
        for index in order where running[index] < widths[index] {
            if let tickets = members(of: index) {
                running[index] += 1
                queues[index + 1].promise(tickets.count)
                let isWhole = !isCut || tickets.count == stages[index].size
                let further = stages[index].isOrdered ? (threads: 0, bytes: 0) : takeFurther(for: tickets[0])
                busy += least + further.threads
                return Work(
                    stage: index, tickets: tickets, threads: least + further.threads,
                    threadBytes: further.bytes, isWhole: isWhole)
            }
        }
        return nil
    }

    /// Threads beyond `least`: once no more items come, those on the line share the threads, if memory allows. Before,
    /// threads and bytes are kept for the next item.
    ///
    ///     threads ≤ jobs / items on the line
    private mutating func takeFurther(for ticket: Ticket<Item>) -> (threads: Int, bytes: Int) {
        guard isClosed else { return (0, 0) }
        let present = admitted - left - queues[stages.count].count
        let wanted = min(jobs / max(present, 1), jobs - busy) - least
        let affordable = ticket.threadBytes > 0 ? budget.free / ticket.threadBytes : wanted
        let threads = max(min(wanted, affordable), 0)
        return (threads, budget.takeWhatIsFree(threads * ticket.threadBytes))
    }

    /// What a thread waits for: work, or (inner nil) the end of the line.
    package mutating func nextOrOver() -> Work?? {
        if let work = next() { return .some(work) }
        return isOver ? .some(nil) : nil
    }

    package mutating func done(_ work: Work) {
        running[work.stage] -= 1
        busy -= work.threads
        budget.give(work.threadBytes)
        for ticket in work.tickets { queues[work.stage + 1].putPromised(ticket, at: ticket.index) }
    }

    private mutating func members(of index: Int) -> [Ticket<Item>]? {
        let stage = stages[index]
        let remaining = isClosed ? admitted - queues[index].next : stage.size
        let count = stage.isOrdered ? min(stage.size, remaining) : 1
        if queues[index + 1].room < count { return nil }
        return stage.isOrdered ? queues[index].takeRun(count) : queues[index].takeFirst().map { [$0] }
    }
}
