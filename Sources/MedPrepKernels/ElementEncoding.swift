package import MedPrepCore

/// Whole numbers as an integer type stores them, in this machine's byte order, one after another.
///
/// Precondition: whole values inside the type's range, as `WholeRange` finds them; not a float type.
package func encode(
    _ values: UnsafeBufferPointer<Float>, as type: ElementType, to bytes: UnsafeMutableRawBufferPointer
) {
    guard let target = bytes.baseAddress else { return }
    switch type {
    case .uint8: for i in values.indices { target.storeBytes(of: UInt8(values[i]), toByteOffset: i, as: UInt8.self) }
    case .int8: for i in values.indices { target.storeBytes(of: Int8(values[i]), toByteOffset: i, as: Int8.self) }
    case .uint16:
        for i in values.indices { target.storeBytes(of: UInt16(values[i]), toByteOffset: 2 * i, as: UInt16.self) }
    case .int16:
        for i in values.indices { target.storeBytes(of: Int16(values[i]), toByteOffset: 2 * i, as: Int16.self) }
    case .uint32:
        for i in values.indices { target.storeBytes(of: UInt32(values[i]), toByteOffset: 4 * i, as: UInt32.self) }
    case .int32:
        for i in values.indices { target.storeBytes(of: Int32(values[i]), toByteOffset: 4 * i, as: Int32.self) }
    case .uint64:
        for i in values.indices { target.storeBytes(of: UInt64(values[i]), toByteOffset: 8 * i, as: UInt64.self) }
    case .int64:
        for i in values.indices { target.storeBytes(of: Int64(values[i]), toByteOffset: 8 * i, as: Int64.self) }
    case .float32, .float64: preconditionFailure("floats are written as they are")
    }
}

/// The span of label values, or the first that is no label.
package struct WholeRange: Hashable, Sendable {
    /// Above the largest while no value was seen.
    package var smallest = Double.infinity
    package var largest = -Double.infinity
    /// The first value that is not whole or beyond ±2^24, where Float32 no longer tells neighbours apart.
    package var firstBad: Double?

    package init() {}

    package mutating func add(_ values: UnsafeBufferPointer<Float>) {
        for value in values {
            guard value.magnitude <= 16_777_216, value.rounded(.towardZero) == value else {
                if firstBad == nil { firstBad = Double(value) }
                continue
            }
            smallest = min(smallest, Double(value))
            largest = max(largest, Double(value))
        }
    }

    /// The range of this one and, behind it, the other.
    package func merged(with other: WholeRange) -> WholeRange {
        var result = self
        result.smallest = min(smallest, other.smallest)
        result.largest = max(largest, other.largest)
        result.firstBad = firstBad ?? other.firstBad
        return result
    }
}

/// Rounds label values to Float32; the first that is no label comes back. The bound is held before the rounding, for
/// 2^24 + 1 would round into it; whole is asked after it, for a slope of 0.1 is not exactly 0.1.
package func roundLabels(
    _ doubles: UnsafeBufferPointer<Double>, to values: UnsafeMutableBufferPointer<Float>
) -> Double? {
    var firstBad: Double?
    for i in doubles.indices {
        let value = Float(doubles[i])
        values[i] = value
        if !(doubles[i].magnitude <= 16_777_216 && value.rounded(.towardZero) == value), firstBad == nil {
            firstBad = doubles[i]
        }
    }
    return firstBad
}
