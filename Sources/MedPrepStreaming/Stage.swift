/// One step of a line. Its body does not throw: what went wrong travels inside the item.
///
///     each       any `width` items at one time, in no particular order
///     together   `size` items in a row of the input, one group at a time, in order; the last one may be smaller
///
/// A group holds the same items on any number of threads. Its body changes items, never their number or order.
package struct Stage<Item: Sendable>: Sendable {
    private enum Body: Sendable {
        case each(@Sendable (inout Item, _ threads: Int) -> Void)
        case together(@Sendable (inout [Item]) -> Void)
    }

    package let name: String
    /// How many bodies of this stage may run at one time; the jobs of the line are a second limit.
    package let width: Int
    /// How many items one body takes.
    package let size: Int
    private let body: Body

    /// A body that computes on the thread it is called on. A width below 1 counts as 1.
    package static func each(
        _ name: String, width: Int, _ body: @escaping @Sendable (inout Item) -> Void
    ) -> Stage {
        each(name, width: width) { item, _ in body(&item) }
    }

    /// A body that may compute on so many threads at one time as it is told. A width below 1 counts as 1.
    package static func each(
        _ name: String, width: Int, _ body: @escaping @Sendable (inout Item, _ threads: Int) -> Void
    ) -> Stage {
        Stage(name: name, width: bounded(width), size: 1, body: .each(body))
    }

    /// A size below 1 counts as 1.
    package static func together(
        _ name: String, size: Int, _ body: @escaping @Sendable (inout [Item]) -> Void
    ) -> Stage {
        Stage(name: name, width: 1, size: bounded(size), body: .together(body))
    }

    /// Whether the stage takes items in the order of the input.
    package var isOrdered: Bool {
        switch body {
        case .each: false
        case .together: true
        }
    }

    /// Runs the body; one for a group computes on one of the `threads`. A group that lost a member is dropped: the
    /// others must not meet company they would not have in a whole run.
    package func run(_ tickets: [Ticket<Item>], threads: Int) {
        if tickets.contains(where: { $0.isEmpty }) { return drop(tickets) }
        switch body {
        case .each(let body):
            for ticket in tickets {
                guard var item = ticket.take() else { continue }
                body(&item, threads)
                ticket.put(consume item)
            }
        case .together(let body):
            var items = tickets.compactMap { $0.take() }
            body(&items)
            precondition(
                items.count == tickets.count,
                "stage \(name) was given \(tickets.count) items and left \(items.count)")
            for ticket in tickets.reversed() { ticket.put(items.removeLast()) }
        }
    }

    /// Lets the items go; the empty tickets travel on, so that the line can count them out.
    package func drop(_ tickets: [Ticket<Item>]) {
        for ticket in tickets { _ = ticket.take() }
    }

    /// Sums of a few of these stay far from overflow, wherever the number came from.
    private static func bounded(_ count: Int) -> Int { min(max(count, 1), Int(Int32.max)) }
}
