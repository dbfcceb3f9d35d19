/// Some of the five axes of a tensor.
package struct TensorAxes: OptionSet, Hashable, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let n = TensorAxes(rawValue: 1)
    package static let d = TensorAxes(rawValue: 2)
    package static let h = TensorAxes(rawValue: 4)
    package static let w = TensorAxes(rawValue: 8)
    package static let c = TensorAxes(rawValue: 16)

    /// From the outermost to the fastest.
    package static let ordered: [TensorAxes] = [.n, .d, .h, .w, .c]
}
