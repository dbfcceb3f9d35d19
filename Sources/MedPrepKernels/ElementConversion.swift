package import MedPrepCore

/// Stored scalars to voxel values: real = raw·slope + intercept, in Double, then rounded once (SEMANTICS 1).
package struct ElementConversion: Hashable, Sendable {
    package let type: ElementType
    package let slope: Double
    package let intercept: Double

    package init(_ type: ElementType, slope: Double = 1, intercept: Double = 0) {
        (self.type, self.slope, self.intercept) = (type, slope, intercept)
    }

    package var isScaled: Bool { slope != 1 || intercept != 0 }
    /// Plain integers never are.
    package var mayBeNonfinite: Bool { isScaled || !type.isInteger }

    /// One value for each element of `bytes`, in order; `bytes` are in this machine's order.
    package func decode(_ bytes: UnsafeRawBufferPointer, to values: UnsafeMutableBufferPointer<Float>) {
        switch type {
        case .uint8: fill(values, from: bytes, as: UInt8.self)
        case .int8: fill(values, from: bytes, as: Int8.self)
        case .uint16: fill(values, from: bytes, as: UInt16.self)
        case .int16: fill(values, from: bytes, as: Int16.self)
        case .uint32: fill(values, from: bytes, as: UInt32.self)
        case .int32: fill(values, from: bytes, as: Int32.self)
        case .uint64: fill(values, from: bytes, as: UInt64.self)
        case .int64: fill(values, from: bytes, as: Int64.self)
        case .float32: fill(values, from: bytes, as: Float.self)
        case .float64: fill(values, from: bytes, as: Double.self)
        }
    }

    /// The same before the last rounding, for statistics.
    package func decode(_ bytes: UnsafeRawBufferPointer, to values: UnsafeMutableBufferPointer<Double>) {
        switch type {
        case .uint8: fill(values, from: bytes, as: UInt8.self)
        case .int8: fill(values, from: bytes, as: Int8.self)
        case .uint16: fill(values, from: bytes, as: UInt16.self)
        case .int16: fill(values, from: bytes, as: Int16.self)
        case .uint32: fill(values, from: bytes, as: UInt32.self)
        case .int32: fill(values, from: bytes, as: Int32.self)
        case .uint64: fill(values, from: bytes, as: UInt64.self)
        case .int64: fill(values, from: bytes, as: Int64.self)
        case .float32: fill(values, from: bytes, as: Float.self)
        case .float64: fill(values, from: bytes, as: Double.self)
        }
    }

    /// How many integers have more than the 24 significant bits that Float32 keeps; 0 for the float types.
    package func countRounded(_ bytes: UnsafeRawBufferPointer) -> Int {
        switch type {
        case .uint32: countWide(bytes, as: UInt32.self)
        case .int32: countWide(bytes, as: Int32.self)
        case .uint64: countWide(bytes, as: UInt64.self)
        case .int64: countWide(bytes, as: Int64.self)
        default: 0
        }
    }

    private func fill<Stored: StoredElement>(
        _ values: UnsafeMutableBufferPointer<Float>, from bytes: UnsafeRawBufferPointer, as: Stored.Type
    ) {
        guard let source = bytes.baseAddress, let target = values.baseAddress else { return }
        let (slope, intercept, size) = (slope, intercept, MemoryLayout<Stored>.size)
        if isScaled {
            for i in 0..<values.count {
                let raw = source.loadUnaligned(fromByteOffset: i * size, as: Stored.self)
                target[i] = Float(raw.double * slope + intercept)
            }
        } else {
            for i in 0..<values.count {
                target[i] = source.loadUnaligned(fromByteOffset: i * size, as: Stored.self).float
            }
        }
    }

    private func fill<Stored: StoredElement>(
        _ values: UnsafeMutableBufferPointer<Double>, from bytes: UnsafeRawBufferPointer, as: Stored.Type
    ) {
        guard let source = bytes.baseAddress, let target = values.baseAddress else { return }
        let (slope, intercept, size) = (slope, intercept, MemoryLayout<Stored>.size)
        if isScaled {
            for i in 0..<values.count {
                let raw = source.loadUnaligned(fromByteOffset: i * size, as: Stored.self)
                target[i] = raw.double * slope + intercept
            }
        } else {
            for i in 0..<values.count {
                target[i] = source.loadUnaligned(fromByteOffset: i * size, as: Stored.self).double
            }
        }
    }

    private func countWide<Stored: StoredElement & FixedWidthInteger>(
        _ bytes: UnsafeRawBufferPointer, as: Stored.Type
    ) -> Int {
        guard let source = bytes.baseAddress else { return 0 }
        let (size, count) = (MemoryLayout<Stored>.size, bytes.count / MemoryLayout<Stored>.size)
        // Nearly every scan ends here: no magnitude reaches bit 24.
        var seen: Stored.Magnitude = 0
        for i in 0..<count {
            seen |= source.loadUnaligned(fromByteOffset: i * size, as: Stored.self).magnitude
        }
        if seen >> 24 == 0 { return 0 }
        var wide = 0
        for i in 0..<count {
            let magnitude = source.loadUnaligned(fromByteOffset: i * size, as: Stored.self).magnitude
            let significant = magnitude >> magnitude.trailingZeroBitCount
            if magnitude != 0, significant >> 24 != 0 { wide += 1 }
        }
        return wide
    }
}

/// Reverses the bytes of each element in place.
package func swapElements(_ bytes: UnsafeMutableRawBufferPointer, size: Int) {
    switch size {
    case 2: swapEach(bytes, as: UInt16.self)
    case 4: swapEach(bytes, as: UInt32.self)
    case 8: swapEach(bytes, as: UInt64.self)
    default: break
    }
}

private func swapEach<Word: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: UnsafeMutableRawBufferPointer, as: Word.Type
) {
    guard let base = bytes.baseAddress else { return }
    let size = MemoryLayout<Word>.size
    for at in stride(from: 0, to: bytes.count / size * size, by: size) {
        let word = base.loadUnaligned(fromByteOffset: at, as: Word.self)
        base.storeBytes(of: word.byteSwapped, toByteOffset: at, as: Word.self)
    }
}
