public import MedPrepCore

/// A step that says *what*: it changes values in place, image by image, and never sees a label.
public protocol IntensityOperator: Operator {
    func apply(to tensor: inout Tensor, in context: inout Context) throws(OperatorError)

    /// True where every value becomes another one by itself, whatever the others are: a part of a scan can be done alone.
    /// Such a step uses no mask, notes what it did as maps of the values, and says the same of any scan.
    var actsOnEachValue: Bool { get }
}

extension IntensityOperator {
    public var actsOnEachValue: Bool { false }
}
