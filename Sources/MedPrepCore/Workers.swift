/// How many threads a step may compute on at one time. It never changes a bit of the result.
public struct Workers: Hashable, Sendable {
    public let count: Int

    /// Precondition: at least 1.
    public init(_ count: Int) {
        precondition(count >= 1, "at least one worker")
        self.count = count
    }

    public static let one = Workers(1)
}
