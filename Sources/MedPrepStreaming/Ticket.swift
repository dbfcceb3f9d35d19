/// The one place that holds an item on its way through the line.
///
/// Queues and threads pass the ticket on; the item itself is moved out and in, never copied. So a ticket that some
/// thread forgets to drop in time keeps no item alive.
package final class Ticket<Item: Sendable>: @unchecked Sendable {
    // `item` belongs to whoever took the ticket from the line's state, which is behind a lock.
    private var item: Item?
    /// Place in the input, from 0.
    package let index: Int
    /// What the budget gave for it.
    package let bytes: Int
    /// What each further thread takes from the budget.
    package let threadBytes: Int

    package init(_ item: Item, index: Int, bytes: Int, threadBytes: Int) {
        self.item = item
        self.index = index
        self.bytes = bytes
        self.threadBytes = threadBytes
    }

    /// Dropped on the way: nothing left to work on.
    package var isEmpty: Bool { item == nil }

    package func take() -> Item? { item.take() }

    package func put(_ item: consuming Item) { self.item = consume item }
}
