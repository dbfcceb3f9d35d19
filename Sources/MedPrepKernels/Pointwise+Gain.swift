package import MedPrepCore

extension Tensor {
    /// Scales each sample in place, then each place of it by a gain and a shift of its own, as layer norm with gamma
    /// and beta for every value does; one rounding to Float for each value. NaN stays NaN.
    ///
    ///     y = (x − center)·factor·gains[i] + shifts[i], i the place in the sample
    ///
    /// - Parameters:
    ///   - scalings: one for each sample; their `offset` is not used.
    ///   - gains: one for each place in a sample, as are `shifts`.
    package mutating func scale(
        by scalings: [Scaling], gains: [Double], shifts: [Double], _ workers: Workers
    ) {
        let (slabs, places) = (shape.slabs, shape.sampleCount)
        precondition(
            scalings.count == shape.n && gains.count == places && shifts.count == places,
            "one gain and shift for each value of a sample of \(shape)")
        withUnsafeMutableValues { values in
            // Slabs do not overlap, so threads never share a value.
            nonisolated(unsafe) let values = values
            gains.withUnsafeBufferPointer { gains in
                shifts.withUnsafeBufferPointer { shifts in
                    nonisolated(unsafe) let (gains, shifts) = (gains, shifts)
                    forEachIndex(slabs.count, workers) { index in
                        let sample = slabs.sample(of: index)
                        let (scaling, first) = (scalings[sample], sample * places)
                        for i in slabs[index] {
                            let standard = (Double(values[i]) - scaling.center) * scaling.factor
                            values[i] = Float(standard * gains[i &- first] + shifts[i &- first])
                        }
                    }
                }
            }
        }
    }
}
