package import MedPrepCore

/// Whole numbers as an integer type stores them, in this machine's byte order, one after another.
///
/// Precondition: whole values inside the type's range, as `WholeRange` finds them; an integer type.
package func encode(
    _ values: UnsafeBufferPointer<Float>, as type: ElementType, to bytes: UnsafeMutableRawBufferPointer
) {
    guard let target = bytes.baseAddress else { return }
    let size = type.size
    switch size {
    case 1:
        for i in values.indices {
            target.storeBytes(of: Int8(truncatingIfNeeded: whole(values[i])), toByteOffset: i, as: Int8.self)
        }
    case 2:
        for i in values.indices {
            target.storeBytes(
                of: Int16(truncatingIfNeeded: whole(values[i])), toByteOffset: 2 * i, as: Int16.self)
        }
    case 4:
        for i in values.indices {
            target.storeBytes(of: whole(values[i]), toByteOffset: 4 * i, as: Int32.self)
        }
    default:
        for i in values.indices {
            target.storeBytes(of: Int64(whole(values[i])), toByteOffset: 8 * i, as: Int64.self)
        }
    }
}

/// The integer that a whole value within ±2^24 is; signed and unsigned types then share their bits. The sum with
/// 1.5·2^52 leaves the integer in the low bits: unlike a conversion it cannot trap, and it vectorizes.
private func whole(_ value: Float) -> Int32 {
    Int32(truncatingIfNeeded: (Double(value) + 0x1.8p52).bitPattern)
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
        // Nearly every slab is good, and is found so eight lanes at a time.
        let eights = values.count / 8 * 8
        var lowest = SIMD8<Float>(repeating: .infinity)
        var highest = SIMD8<Float>(repeating: -.infinity)
        var bad = SIMDMask<SIMD8<Int64>>(repeating: false)
        for i in stride(from: 0, to: eights, by: 8) {
            let lanes = UnsafeRawPointer(values.baseAddress! + i).loadUnaligned(as: SIMD8<Float>.self)
            lowest.replace(with: lanes, where: lanes .< lowest)
            highest.replace(with: lanes, where: lanes .> highest)
            let doubles = SIMD8<Double>(lanes)
            bad .|= (doubles + 0x1.8p52) - 0x1.8p52 .!= doubles
        }
        let isGood = !any(bad) && lowest.min() >= -16_777_216 && highest.max() <= 16_777_216
        if isGood, eights > 0 {
            smallest = min(smallest, Double(lowest.min()))
            largest = max(largest, Double(highest.max()))
        }
        addEach(UnsafeBufferPointer(rebasing: values[(isGood ? eights : 0)...]))
    }

    private mutating func addEach(_ values: UnsafeBufferPointer<Float>) {
        for value in values {
            if isLabel(value) {
                smallest = min(smallest, Double(value))
                largest = max(largest, Double(value))
            } else if firstBad == nil {
                firstBad = Double(value)
            }
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

/// Whole and within ±2^24. By way of an integer: `rounded` is a call into the C library on older CPUs.
private func isLabel(_ value: Float) -> Bool {
    value.magnitude <= 16_777_216 && Float(whole(value)) == value
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
        if !(doubles[i].magnitude <= 16_777_216 && isLabel(value)), firstBad == nil {
            firstBad = doubles[i]
        }
    }
    return firstBad
}
