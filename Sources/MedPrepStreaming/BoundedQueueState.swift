/// Elements waiting between two stages, sorted by their place in the input. No lock: `Line` keeps it in a `Guarded`.
///
///     room = capacity − waiting − promised
///
/// Whoever works on an element has been promised its room beforehand, so nothing ever waits with a result in hand.
package struct BoundedQueueState<Element> {
    package let capacity: Int
    /// The place `takeRun` takes next.
    package private(set) var next = 0
    private var waiting: [(place: Int, element: Element)] = []
    private var promised = 0

    package init(capacity: Int) {
        precondition(capacity >= 1, "a queue holds at least one element")
        self.capacity = capacity
    }

    package var room: Int { capacity - waiting.count - promised }

    /// Elements that wait.
    package var count: Int { waiting.count }

    /// Keeps room for elements that are still worked on.
    package mutating func promise(_ count: Int) {
        precondition(count <= room, "no room to promise")
        promised += count
    }

    /// Puts an element into room promised before.
    package mutating func putPromised(_ element: Element, at place: Int) {
        promised -= 1
        put(element, at: place)
    }

    package mutating func put(_ element: Element, at place: Int) {
        precondition(room > 0, "no room to put")
        // Elements come nearly sorted: the search from the end is short.
        let position = (waiting.lastIndex { $0.place < place } ?? -1) + 1
        waiting.insert((place, element), at: position)
    }

    /// The element that came first in the input among those waiting.
    package mutating func takeFirst() -> Element? {
        waiting.isEmpty ? nil : waiting.removeFirst().element
    }

    /// The elements of the places `next ..< next + count`, once all of them are here.
    package mutating func takeRun(_ count: Int) -> [Element]? {
        // Sorted and distinct, so the first and the last place tell that none is missing.
        guard count >= 1, waiting.count >= count, waiting[count - 1].place == next + count - 1 else {
            return nil
        }
        defer {
            waiting.removeFirst(count)
            next += count
        }
        return waiting[..<count].map { $0.element }
    }
}

extension BoundedQueueState: Sendable where Element: Sendable {}
