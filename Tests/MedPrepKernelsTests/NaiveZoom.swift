import MedPrepCore

/// y = T·x along one axis, as a matrix: each output's weight on each sample.
///
/// A cubic line is padded by 12 edge values and reflected without end; its coefficients are the sum over all samples
/// of √3·z^|k|, the impulse response of the inverse filter.
func zoomMatrix(_ n: Int, _ m: Int, _ order: SplineOrder) -> [[Double]] {
    let pole = 3.0.squareRoot() - 2
    return (0..<m).map { output in
        var row = [Double](repeating: 0, count: n)
        if n == m {
            row[output] = 1
            return row
        }
        let c = (Double(output) + 0.5) * Double(n) / Double(m) - 0.5
        switch order {
        case .nearest: row[min(max(Int((c + 0.5).rounded(.down)), 0), n - 1)] = 1
        case .linear:
            let inside = min(max(c, 0), Double(n - 1))
            let low = Int(inside)
            row[low] += 1 - (inside - Double(low))
            row[min(low + 1, n - 1)] += inside - Double(low)
        case .cubic:
            let padded = n + 24
            for tap in Int(c.rounded(.down)) - 1...Int(c.rounded(.down)) + 2 {
                let distance = abs(c - Double(tap))
                let weight: Double
                if distance < 1 {
                    weight = 2.0 / 3 - distance * distance * (2 - distance) / 2
                } else {
                    weight = distance < 2 ? (2 - distance) * (2 - distance) * (2 - distance) / 6 : 0
                }
                var power = 3.0.squareRoot()
                for k in 0..<40 {
                    for far in k == 0 ? [0] : [-k, k] {
                        var place = (tap + 12 + far) % (2 * padded)
                        if place < 0 { place += 2 * padded }
                        if place >= padded { place = 2 * padded - 1 - place }
                        row[min(max(place - 12, 0), n - 1)] += weight * power
                    }
                    power *= pole
                }
            }
        }
        return row
    }
}

/// Every output as a sum over every voxel.
func naiveZoom(
    _ values: (Int, Int, Int) -> Double, _ extent: SIMD3<Int>, _ matrices: [[[Double]]]
) -> [Double] {
    var result = [Double]()
    for z in matrices[2] {
        for y in matrices[1] {
            for x in matrices[0] {
                var sum = 0.0
                for k in 0..<extent.z where z[k] != 0 {
                    for j in 0..<extent.y where y[j] != 0 {
                        for i in 0..<extent.x where x[i] != 0 { sum += z[k] * y[j] * x[i] * values(i, j, k) }
                    }
                }
                result.append(sum)
            }
        }
    }
    return result
}
