public import MedPrepCore

/// A step that looks at the tensor where it stands and changes nothing.
public protocol ReportOperator: Operator {
    /// What one tensor tells; it goes to the sidecar.
    func look(at tensor: Tensor, in context: inout Context) throws(OperatorError) -> JSONValue
    /// What report.json says of all cases, in name order; nil: nothing.
    func report(on looks: [JSONValue], batchSize: Int) throws(OperatorError) -> JSONValue?
}

extension ReportOperator {
    public func report(on looks: [JSONValue], batchSize: Int) throws(OperatorError) -> JSONValue? { nil }
}
