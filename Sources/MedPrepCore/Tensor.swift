/// Float32 values in NDHWC order, dense, channels fastest.
///
/// A value type: a copy shares its storage until one of the two is changed. Hand tensors over with `consume`,
/// so that a step works in place.
public struct Tensor: Sendable {
    public let shape: Shape
    private var storage: Storage

    /// Every value is `value`.
    public init(_ shape: Shape, repeating value: Float = 0) {
        self.init(shape) { $0.initialize(repeating: value) }
    }

    /// Precondition: as many values as the shape has places.
    public init(_ shape: Shape, _ values: [Float]) {
        precondition(values.count == shape.count, "\(values.count) values for \(shape)")
        self.init(shape) { _ = $0.initialize(from: values) }
    }

    /// Fresh storage that `fill` must initialize whole.
    package init<Failure: Error>(
        _ shape: Shape, filledBy fill: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Void
    ) throws(Failure) {
        self.shape = shape
        storage = Storage(count: shape.count)
        try fill(storage.values)
    }

    /// The same values under another shape of equal count.
    public consuming func reshaped(to shape: Shape) -> Tensor {
        precondition(shape.count == self.shape.count, "\(self.shape) cannot become \(shape)")
        return Tensor(shape: shape, storage: storage)
    }

    private init(shape: Shape, storage: Storage) {
        self.shape = shape
        self.storage = storage
    }

    public func withUnsafeValues<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeBufferPointer(storage.values))
    }

    /// Copies first when the storage is shared.
    public mutating func withUnsafeMutableValues<Result: ~Copyable, Failure: Error>(
        _ body: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        if !isKnownUniquelyReferenced(&storage) { storage = Storage(copying: storage) }
        return try body(storage.values)
    }

    /// All values in order; a copy, for small tensors and tests.
    public var values: [Float] { withUnsafeValues { Array($0) } }

    public subscript(n n: Int = 0, d d: Int, h h: Int, w w: Int, c c: Int = 0) -> Float {
        get { storage.values[shape.offset(n: n, d: d, h: h, w: w, c: c)] }
        set {
            let offset = shape.offset(n: n, d: d, h: h, w: w, c: c)
            withUnsafeMutableValues { $0[offset] = newValue }
        }
    }

    /// Where the values lie: tests use it to catch a hidden copy.
    package var storageAddress: UnsafeRawPointer? { UnsafeRawPointer(storage.values.baseAddress) }
}

/// Owns the values of one or more tensors.
private final class Storage: @unchecked Sendable {
    // Guarded by value semantics: `values` is written only by a tensor that holds the sole reference.
    let values: UnsafeMutableBufferPointer<Float>

    init(count: Int) {
        values = .allocate(capacity: count)
    }

    init(copying other: Storage) {
        values = .allocate(capacity: other.values.count)
        _ = values.initialize(from: other.values)
    }

    deinit { values.deallocate() }
}
