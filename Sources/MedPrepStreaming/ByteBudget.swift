/// How many bytes may be in flight at one time.
///
/// A plain value, behind the lock of whoever keeps it.
package struct ByteBudget: Sendable {
    package let limit: Int
    package private(set) var free: Int

    /// A limit below 1 counts as 1: one item at a time.
    package init(_ limit: Int) {
        self.limit = max(limit, 1)
        free = self.limit
    }

    /// What was taken, or nil while it does not fit. A request above the limit takes the whole budget, so an item
    /// that is too large goes alone.
    package mutating func take(_ bytes: Int) -> Int? {
        let wanted = clamped(bytes)
        if wanted > free { return nil }
        free -= wanted
        return wanted
    }

    /// What was taken for an item that cannot wait: the request, or as much of it as is free.
    package mutating func takeWhatIsFree(_ bytes: Int) -> Int {
        let taken = min(clamped(bytes), free)
        free -= taken
        return taken
    }

    /// Gives back what was taken.
    package mutating func give(_ taken: Int) {
        precondition(taken >= 0 && taken <= limit - free, "gives back more than was taken")
        free += taken
    }

    private func clamped(_ bytes: Int) -> Int { min(max(bytes, 0), limit) }
}
