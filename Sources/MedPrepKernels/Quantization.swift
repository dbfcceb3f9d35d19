/// Values as 16-bit integers: x ≈ raw·slope + intercept, raw the nearest of −32768…32767, ties to even.
package struct Quantization: Hashable, Sendable {
    package let slope: Double
    package let intercept: Double
    /// The raw values whose meaning a Float can hold: one step more than the largest Float reads as infinity.
    private let lowest: Double
    private let highest: Double

    /// The 65,536 steps span `range`, whose ends are finite; exact where whole numbers fit as they are. Slope and
    /// intercept are Float32, as NIfTI-1 stores them.
    package init(_ range: WholeRange, span: ClosedRange<Double>) {
        let (lower, upper) = (span.lowerBound, span.upperBound)
        if range.firstBad == nil, lower >= -32768, upper <= 32767 {
            (slope, intercept) = (1, 0)
        } else if lower == upper {
            (slope, intercept) = (1, lower)
        } else {
            // Up, so that rounding leaves neither end outside.
            slope = Double(Float((upper - lower) / 65534).nextUp)
            intercept = Double(Float((upper + lower) / 2))
        }
        let largest = Double(Float.greatestFiniteMagnitude)
        lowest = max(-32768, ((-largest - intercept) / slope).rounded(.up))
        highest = min(32767, ((largest - intercept) / slope).rounded(.down))
    }

    /// The nearest raw values, in this machine's byte order.
    package func encode(_ values: UnsafeBufferPointer<Float>, to bytes: UnsafeMutableRawBufferPointer) {
        guard let target = bytes.baseAddress else { return }
        for i in values.indices {
            target.storeBytes(of: Int16(raw(values[i])), toByteOffset: 2 * i, as: Int16.self)
        }
    }

    /// The largest |x − (raw·slope + intercept)|.
    package func largestError(_ values: UnsafeBufferPointer<Float>) -> Double {
        var largest = 0.0
        for value in values { largest = max(largest, abs(raw(value) * slope + intercept - Double(value))) }
        return largest
    }

    /// NaN, which callers refuse, would become the lowest.
    private func raw(_ value: Float) -> Double {
        let raw = ((Double(value) - intercept) / slope).rounded(.toNearestOrEven)
        return raw > lowest ? min(raw, highest) : lowest
    }
}

/// Lowest and highest of the finite values; nil without one.
package func finiteSpan(_ values: UnsafeBufferPointer<Float>) -> ClosedRange<Double>? {
    var (lowest, highest) = (Float.infinity, -Float.infinity)
    for value in values where value.isFinite {
        lowest = value < lowest ? value : lowest
        highest = value > highest ? value : highest
    }
    return lowest <= highest ? Double(lowest)...Double(highest) : nil
}
