package import MedPrepCore

/// What stands before and behind the values of an array in a file.
package struct ArrayFrame: Hashable, Sendable {
    package let start: [UInt8]
    package let end: [UInt8]
    /// Bytes of the values between them.
    package let valueBytes: Int
}

/// An array as a file tells of it.
package struct ArrayDescription: Hashable, Sendable {
    package let name: String
    package let elementType: NPYArray.ElementType
    package let sizes: [Int]
    package let byteCount: Int

    /// Precondition: one to 32 sizes, each at least 1, whose product of bytes fits `Int`; a name of letters.
    package init(name: String, elementType: NPYArray.ElementType, sizes: [Int]) {
        guard !sizes.isEmpty, sizes.count <= 32, let count = Shape.count(of: sizes + [elementType.size])
        else {
            preconditionFailure("no array has the sizes \(sizes)")
        }
        (self.name, self.elementType, self.sizes, byteCount) = (name, elementType, sizes, count)
    }
}

extension ArrayFrame {
    /// A NumPy file, version 1.0: a header padded to 64 bytes, then the values, C order, little-endian.
    ///
    /// NumPy, `numpy.lib.format`.
    package static func npy(_ array: ArrayDescription) -> ArrayFrame {
        let list = array.sizes.map { "\($0)" }.joined(separator: ", ") + (array.sizes.count == 1 ? "," : "")
        let order = array.elementType.size == 1 ? "|" : "<"
        let text =
            "{'descr': '\(order)\(array.elementType.rawValue)', 'fortran_order': False, 'shape': (\(list)), }"
        // Magic, version, length, and a line end behind the spaces.
        let padding = (64 - (text.utf8.count + 11) % 64) % 64
        let length = UInt16(text.utf8.count + padding + 1)
        var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
        bytes += [UInt8(truncatingIfNeeded: length), UInt8(truncatingIfNeeded: length >> 8)]
        bytes += Array(text.utf8) + Array(repeating: UInt8(ascii: " "), count: padding)
        return ArrayFrame(start: bytes + [UInt8(ascii: "\n")], end: [], valueBytes: array.byteCount)
    }
}

extension NPYArray.ElementType {
    package init(_ type: ElementType) {
        self =
            switch type {
            case .uint8: .uint8
            case .int8: .int8
            case .uint16: .uint16
            case .int16: .int16
            case .uint32: .uint32
            case .int32: .int32
            case .uint64: .uint64
            case .int64: .int64
            case .float32: .float32
            case .float64: .float64
            }
    }

    /// "float16": what reports call it.
    package var name: String { "\(self)" }
}
