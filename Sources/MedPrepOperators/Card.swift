/// What an operator says of itself, once: help, schema and documents are made from it.
public struct Card<Owner: Operator>: Sendable {
    /// One sentence.
    public let summary: String
    public let parameters: [Parameter<Owner>]
    /// The formula, in one line of plain text.
    public let formula: String
    /// What becomes of shape and grid.
    public let geometry: String
    /// The peer function it equals, with the options that make it so.
    public let sameAs: String

    public init(
        _ summary: String, _ parameters: [Parameter<Owner>] = [], formula: String,
        geometry: String = "unchanged",
        sameAs: String
    ) {
        self.summary = summary
        self.parameters = parameters
        self.formula = formula
        self.geometry = geometry
        self.sameAs = sameAs
    }
}
