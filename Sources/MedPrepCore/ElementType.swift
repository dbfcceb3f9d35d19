/// The scalar types a file stores and medprep reads.
public enum ElementType: String, CaseIterable, Sendable {
    case uint8, int8, uint16, int16, uint32, int32, uint64, int64, float32, float64

    /// Bytes of one value.
    public var size: Int {
        switch self {
        case .uint8, .int8: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64: 8
        }
    }

    public var isInteger: Bool { self != .float32 && self != .float64 }

    /// Whole numbers of 8 or 16 bits.
    public var isShort: Bool { isInteger && size <= 2 }

    /// The whole numbers an integer type holds and Float32 tells apart; nil for the float types.
    public var integerRange: ClosedRange<Double>? {
        switch self {
        case .uint8: 0...255
        case .int8: -128...127
        case .uint16: 0...65535
        case .int16: -32768...32767
        case .uint32, .uint64: 0...16_777_216
        case .int32, .int64: -16_777_216...16_777_216
        case .float32, .float64: nil
        }
    }
}
