import MedPrepCore

extension ArrayFrame {
    /// A safetensors file of one tensor: the length of a JSON header, the header, padded with spaces so that the
    /// values begin at a multiple of 64, the values, C order, little-endian.
    ///
    /// Hugging Face, safetensors, "Format".
    ///
    /// - Parameter metadata: texts only, as the format asks.
    package static func safetensors(_ array: ArrayDescription, metadata: [(String, String)]) -> ArrayFrame {
        let header: JSONValue = .object([
            .init("__metadata__", .object(metadata.map { .init($0.0, .string($0.1)) })),
            .init(
                array.name,
                [
                    "dtype": .string(safetensorsName(of: array.elementType)),
                    "shape": .integers(array.sizes), "data_offsets": .integers([0, array.byteCount]),
                ]),
        ])
        var text = Array(header.line.utf8)
        text += Array(repeating: UInt8(ascii: " "), count: (64 - (text.count + 8) % 64) % 64)
        let length = withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) }
        return ArrayFrame(start: length + text, end: [], valueBytes: array.byteCount)
    }

    private static func safetensorsName(of type: NPYArray.ElementType) -> String {
        switch type {
        case .bool: "BOOL"
        case .uint8, .uint16, .uint32, .uint64: "U\(8 * type.size)"
        case .int8, .int16, .int32, .int64: "I\(8 * type.size)"
        case .float16, .float32, .float64: "F\(8 * type.size)"
        }
    }
}
