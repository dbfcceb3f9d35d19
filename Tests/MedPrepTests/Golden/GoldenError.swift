/// Why a golden case cannot be read or compared: a fault of the folder or of the walker, not of a step.
struct GoldenError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
