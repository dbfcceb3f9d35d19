public import MedPrepCore

/// A step that says *what*: it changes values in place, image by image, and never sees a label.
public protocol IntensityOperator: Operator {
    func apply(to tensor: inout Tensor, in context: inout Context) throws(OperatorError)
}
