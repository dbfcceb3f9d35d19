/// Float32 values in NDHWC order, dense, channels fastest.
///
/// A value type: a copy shares its storage until one of the two is changed. Hand tensors over with `consume`,
/// so that a step works in place.
public struct Tensor: Sendable {
    public let shape: Shape
    private var storage: Storage
    /// Where somebody has looked, and no value was changed since; nil: it is not known.
    package var nonzeroBox: NonzeroBox?

    /// The box of what is finite and not 0.
    package struct NonzeroBox: Hashable, Sendable {
        /// nil: there is none.
        package let box: Box?
        /// False: it is the box of what is above 0, too.
        package let hasNegative: Bool

        package init(_ box: Box?, hasNegative: Bool) { (self.box, self.hasNegative) = (box, hasNegative) }
    }

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

    /// Fresh storage whose values are whole numbers as files store them: `fill` must initialize all bytes, in this machine's
    /// byte order. They become Floats once somebody asks for those.
    ///
    /// - Precondition: `type.isShort`.
    package init<Failure: Error>(
        _ shape: Shape, storing type: ElementType,
        filledBy fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        self.shape = shape
        storage = Storage(count: shape.count, storing: type)
        try fill(storage.storedBytes(type))
    }

    /// True where nobody has asked yet for the Floats of numbers that a file stored.
    package var isStored: Bool { storage.isStored }

    /// The values as files store them, where nobody has asked for Floats yet; else `body` is not called.
    ///
    /// - Precondition: `body` does not ask the same tensor for anything.
    package func withStoredBytes(_ body: (ElementType, UnsafeRawBufferPointer) -> Void) {
        storage.lend(body)
    }

    /// The same values under another shape of equal count.
    public consuming func reshaped(to shape: Shape) -> Tensor {
        precondition(shape.count == self.shape.count, "\(self.shape) cannot become \(shape)")
        return Tensor(shape: shape, storage: storage)
    }

    /// The tensor with its reference to the storage; nothing is left behind.
    package mutating func handedOver() -> Tensor {
        let whole = self
        self = .nothing
        return whole
    }

    /// No value at all: what stands where a tensor was handed over, or is still to come.
    package static let nothing = Tensor(Shape(n: 0, d: 0, h: 0, w: 0, c: 0), [])

    /// Keeps a part of the values where they lie; the memory of the others is given back.
    ///
    /// - Parameters:
    ///   - shape: of what is kept; no more values than before.
    ///   - body: moves the values that are kept, each of `size` bytes, from where the first value of all lies to where the first
    ///     one kept will lie. That is the end of the memory, so who moves the last one first finds each in place.
    /// - Returns: false, and nothing is done, where another tensor shares the values.
    package mutating func shrinkInPlace(
        to shape: Shape,
        moving body: (_ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, _ size: Int) -> Void
    ) -> Bool {
        precondition(shape.count <= self.shape.count, "\(self.shape) cannot shrink to \(shape)")
        // Asked here and not by a function of its own, over which the optimizer may move the copy of a tensor.
        guard isKnownUniquelyReferenced(&storage) else { return false }
        storage.shrink(to: shape.count, moving: body)
        self = Tensor(shape: shape, storage: storage)
        return true
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
        nonzeroBox = nil
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

    /// Gives the memory that is kept for the next tensors back to the system. A run does so at its end; an
    /// application that works on tensors itself calls it when it is done with them for long.
    public static func releaseIdleMemory() { BufferPool.shared.removeAll() }

    /// Where the values lie: tests use it to catch a hidden copy.
    package var storageAddress: UnsafeRawPointer? { UnsafeRawPointer(storage.values.baseAddress) }
}
