/// An operation of the library that is no pipeline step: it works on something else than one case's volumes (a
/// weight tensor, a list of spacings). It has a card like any step, and does its work in a `callAsFunction`.
public protocol LibraryFunction: Operator {
    /// What a pipeline file that names it among its steps is told to use.
    static var useInstead: String { get }
}
