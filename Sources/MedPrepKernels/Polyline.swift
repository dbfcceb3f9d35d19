package import MedPrepCore

/// A piecewise linear function: knots, and a slope for each segment between two of them.
///
///     y = y_j + slope_j·(x − x_j), j the number of inner knots at or below x
///
/// The end segments go on with their own slope, or, where `isClamped`, x is limited to the outermost knots first.
package struct Polyline: Hashable, Sendable {
    package let knots: [Double]
    package let values: [Double]
    package let slopes: [Double]
    package let isClamped: Bool

    /// - Parameter narrowest: a segment below this width gets slope 0.
    /// - Precondition: at least two knots that do not descend, and as many values.
    package init(knots: [Double], values: [Double], narrowest: Double, isClamped: Bool) {
        precondition(
            knots.count >= 2 && knots.count == values.count, "\(knots.count) knots, \(values.count) values")
        (self.knots, self.values, self.isClamped) = (knots, values, isClamped)
        slopes = (0..<knots.count - 1).map { j in
            let width = knots[j + 1] - knots[j]
            return width < narrowest || width <= 0 ? 0 : (values[j + 1] - values[j]) / width
        }
    }

    /// A constant.
    package init(constant: Double) {
        self.init(knots: [0, 1], values: [constant, constant], narrowest: 0, isClamped: true)
    }

    /// NaN stays NaN.
    package func callAsFunction(_ x: Float) -> Float {
        knots.withUnsafeBufferPointer { knots in
            values.withUnsafeBufferPointer { values in
                slopes.withUnsafeBufferPointer { evaluate(x, knots, values, $0, isClamped) }
            }
        }
    }
}

extension Tensor {
    /// Maps each channel of each sample in place; in Double, one rounding to Float for each value.
    ///
    /// - Parameter lines: by sample, then by channel.
    package mutating func map(by lines: [[Polyline]], _ workers: Workers) {
        precondition(
            lines.count == shape.n && lines.allSatisfy { $0.count == shape.c },
            "one polyline for each sample and channel of \(shape)")
        let (slabs, channels) = (shape.slabs, shape.c)
        forEachIndexedSlab(workers) { index, slab in
            for (channel, line) in lines[slabs.sample(of: index)].enumerated() {
                line.knots.withUnsafeBufferPointer { knots in
                    line.values.withUnsafeBufferPointer { values in
                        line.slopes.withUnsafeBufferPointer { slopes in
                            for i in stride(from: channel, to: slab.count, by: channels) {
                                slab[i] = evaluate(slab[i], knots, values, slopes, line.isClamped)
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Finds the segment by halving. A slope of 0 is not multiplied: infinity times 0 would be a new NaN.
@inline(__always)
private func evaluate(
    _ x: Float, _ knots: UnsafeBufferPointer<Double>, _ values: UnsafeBufferPointer<Double>,
    _ slopes: UnsafeBufferPointer<Double>, _ isClamped: Bool
) -> Float {
    var x = Double(x)
    if x.isNaN { return Float(x) }
    if isClamped {
        x = x < knots[0] ? knots[0] : x > knots[knots.count &- 1] ? knots[knots.count &- 1] : x
    }
    var (first, rest) = (0, slopes.count &- 1)
    while rest > 0 {
        let half = (rest &+ 1) / 2
        let isAbove = knots[first &+ half] <= x
        first = isAbove ? first &+ half : first
        rest = isAbove ? rest &- half : half &- 1
    }
    let slope = slopes[first]
    return Float(slope == 0 ? values[first] : values[first] + slope * (x - knots[first]))
}
