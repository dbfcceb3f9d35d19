import MedPrepCore

extension Context {
    /// The case's only mask or, without one, its only label map, as it lies over a tensor of this shape.
    func onlyMask(over shape: Shape) throws(OperatorError) -> (name: String, tensor: Tensor) {
        let masks = masks.filter { $0.role == .mask }
        let candidates = masks.isEmpty ? self.masks : masks
        guard candidates.count == 1 else { throw .noMask(named: nil, available: candidates.map(\.name)) }
        let (name, mask) = (candidates[0].name, candidates[0].tensor)
        guard mask.shape.extent == shape.extent, mask.shape.c == 1,
            mask.shape.n == shape.n || mask.shape.n == 1
        else { throw .unequalShapes([mask.shape.sizes, shape.sizes]) }
        return (name, mask.shape.n == shape.n ? mask : mask.repeated(shape.n))
    }
}

extension Tensor {
    /// One sample, `count` times over.
    fileprivate func repeated(_ count: Int) -> Tensor {
        let values = self.values
        var shape = shape
        shape.n = count
        return Tensor(shape, Array(repeatElement(values, count: count).joined()))
    }
}
