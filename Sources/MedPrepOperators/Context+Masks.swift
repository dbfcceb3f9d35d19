package import MedPrepCore

/// Who asks for the case's mask, for the sentence that says it is missing.
public struct MaskRequest: Hashable, Sendable {
    /// The parameter and its value, as the pipeline file writes them: `mask "file"`.
    public let parameter: String
    /// True where the parameter can name one of several masks.
    public let canName: Bool

    public init(_ parameter: String, canName: Bool = false) {
        (self.parameter, self.canName) = (parameter, canName)
    }
}

extension Context {
    /// The case's only mask, as it lies over a tensor of this shape.
    package func onlyMask(
        over shape: Shape, for request: MaskRequest
    ) throws(OperatorError) -> (name: String, tensor: Tensor) {
        let candidates = masks.filter { $0.role == .mask }
        guard candidates.count == 1 else { throw .noMask(request, available: candidates.map(\.name)) }
        return (candidates[0].name, try laid(candidates[0], over: shape))
    }

    /// The mask or label map of this name, as it lies over a tensor of this shape.
    package func mask(named name: String, over shape: Shape) throws(OperatorError) -> Tensor {
        guard let mask = masks.first(where: { $0.name == name }) else {
            throw .unknownMask(name, available: masks.map(\.name))
        }
        return try laid(mask, over: shape)
    }

    /// One mask serves every sample and channel.
    private func laid(
        _ mask: (name: String, tensor: Tensor, role: Volume.Role), over shape: Shape
    ) throws(OperatorError) -> Tensor {
        var expected = shape
        expected.c = 1
        if mask.tensor.shape == expected { return mask.tensor }
        var single = expected
        single.n = 1
        guard mask.tensor.shape == single else {
            throw .maskShape(mask: mask.name, found: mask.tensor.shape.sizes, expected: expected.sizes)
        }
        let values = mask.tensor.values
        return Tensor(expected, (0..<shape.n).flatMap { _ in values })
    }
}
