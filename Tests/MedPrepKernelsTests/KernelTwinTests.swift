import CMedPrepKernels
import MedPrepCore
import MedPrepKernels
import Testing

/// Each C kernel against the same arithmetic in Swift: equal to the bit.
@Suite("C kernels") struct KernelTwinTests {
    @Test("combine rows like their Swift twin", arguments: [1, 2, 3, 4, 6], [1, 63, 64, 65, 200])
    func combineRows(taps: Int, count: Int) {
        let rows = (0..<taps).map { _ in noise(Shape(d: 1, h: 1, w: count)).values }
        let weights = (0..<taps).map { Float($0) * 0.37 - 0.4 }
        var got = [Float](repeating: 0, count: count)
        let joined = rows.flatMap { $0 }
        joined.withUnsafeBufferPointer { joined in
            let pointers: [UnsafePointer<Float>?] = (0..<taps).map { joined.baseAddress! + $0 * count }
            medprep_combine_rows(&got, pointers, weights, Int32(taps), count)
        }
        let wanted = (0..<count).map { i in
            (0..<taps).reduce(Float(0)) { $0 + weights[$1] * rows[$1][i] }
        }
        #expect(got == wanted)
    }

    @Test("read a line trilinearly like their Swift twin", arguments: [1, 3], [1, 31, 32, 33, 70])
    func trilinearRow(channels: Int, count: Int) {
        let source = noise(Shape(d: 9, h: 8, w: 80, c: channels))
        let (start, step) = ([0.25, 0.5, 1.125], [1.0, 0.07, 0.06])
        let strides = [channels, 80 * channels, 8 * 80 * channels]
        let first = 3
        var got = [Float](repeating: 0, count: count * channels)
        source.withUnsafeValues {
            medprep_trilinear_row(&got, $0.baseAddress!, start, step, first, count, strides, channels, 64)
        }
        let values = source.values
        var wanted = [Float]()
        for i in 0..<count {
            let place = (0..<3).map { start[$0] + step[$0] * Double(first + i) }
            let part = place.map { Float($0 - Double(Int($0))) }
            let corner = (0..<3).map { Int(place[$0]) * strides[$0] }.reduce(0, +)
            for c in 0..<channels {
                func row(_ offset: Int) -> Float {
                    let (low, high) = (values[corner + offset + c], values[corner + offset + strides[0] + c])
                    return low + part[0] * (high - low)
                }
                func plane(_ offset: Int) -> Float {
                    let (low, high) = (row(offset), row(offset + strides[1]))
                    return low + part[1] * (high - low)
                }
                let (low, high) = (plane(0), plane(strides[2]))
                wanted.append(low + part[2] * (high - low))
            }
        }
        #expect(got == wanted)
    }

    @Test("filter columns like their Swift twin", arguments: [1, 2, 9], [1, 7, 8, 64, 75])
    func filter(count: Int, lanes: Int) {
        var got = noise(Shape(d: 1, h: count, w: lanes)).values
        var wanted = got
        let pole: Float = -0.26794919
        medprep_filter_forward(&got, count, lanes, pole, 6)
        medprep_filter_backward(&got, count, lanes, pole)
        for i in 1..<max(count, 1) {
            for j in 0..<lanes {
                wanted[i * lanes + j] = 6 * wanted[i * lanes + j] + pole * wanted[(i - 1) * lanes + j]
            }
        }
        for i in (0..<max(count - 1, 0)).reversed() {
            for j in 0..<lanes {
                wanted[i * lanes + j] = pole * (wanted[(i + 1) * lanes + j] - wanted[i * lanes + j])
            }
        }
        #expect(got == wanted)
    }

    @Test(
        "read a line through cubic coefficients like their Swift twin", arguments: [1, 31, 32, 33, 70])
    func cubicRow(count: Int) {
        let source = noise(Shape(d: 9, h: 9, w: 82))
        let (start, step) = ([1.25, 1.5, 2.125], [1.0, 0.07, -0.01])
        let strides = [1, 82, 9 * 82]
        let first = 3
        var got = [Float](repeating: 0, count: count)
        source.withUnsafeValues {
            medprep_cubic_row(&got, $0.baseAddress!, start, step, first, count, strides, 64)
        }
        let values = source.values
        func weights(_ t: Double) -> [Float] {
            let (s, t2, sixth) = (1 - t, t * t, 1.0 / 6)
            let s2 = s * s
            let outer = [s2 * s * sixth, t2 * t * sixth]
            let (low, high) = ((3 * t2 * t - 6 * t2 + 4) * sixth, (3 * s2 * s - 6 * s2 + 4) * sixth)
            return [Float(outer[0]), Float(low), Float(high), Float(outer[1])]
        }
        let wanted = (0..<count).map { i -> Float in
            let place = (0..<3).map { start[$0] + step[$0] * Double(first + i) }
            let corner = (0..<3).map { (Int(place[$0]) - 1) * strides[$0] }.reduce(0, +)
            let w = place.map { weights($0 - Double(Int($0))) }
            let sums = (0..<4).map { x -> Float in
                var sum: Float = 0
                for k in 0..<4 {
                    var plane: Float = 0
                    for j in 0..<4 { plane += w[1][j] * values[corner + x + j * strides[1] + k * strides[2]] }
                    sum += w[2][k] * plane
                }
                return sum * w[0][x]
            }
            return ((sums[0] + sums[1]) + sums[2]) + sums[3]
        }
        #expect(got == wanted)
    }

    @Test("read columns like their Swift twin", arguments: [1, 4, 6], [1, 7, 8, 31, 32, 75])
    func readColumns(width: Int, lanes: Int) {
        let (rows, outputs) = (9, 5)
        let columns = noise(Shape(d: 1, h: rows, w: lanes)).values
        let table = (0..<outputs * width).map { Int32($0 * 7 % rows) }
        let weights = (0..<outputs * width).map { Float($0) * 0.13 - 0.7 }
        let stride = lanes + 3
        var got = [Float](repeating: -1, count: outputs * stride)
        // What is fetched may lie anywhere, and changes nothing.
        medprep_read_columns(
            &got, stride, columns, lanes, table, weights, Int32(width), outputs, columns, stride, lanes)
        var wanted = [Float](repeating: -1, count: outputs * stride)
        for output in 0..<outputs {
            for lane in 0..<lanes {
                var sum: Float = 0
                for k in output * width..<output * width + width {
                    sum += weights[k] * columns[Int(table[k]) * lanes + lane]
                }
                wanted[output * stride + lane] = sum
            }
        }
        #expect(got == wanted)
    }

    @Test("turn rows into columns", arguments: [1, 7, 8, 20], [1, 8, 9, 33])
    func turn(rows: Int, columns: Int) {
        let (from, to) = (columns + 2, rows + 1)
        let values = noise(Shape(d: 1, h: rows, w: from)).values
        var got = [Float](repeating: -1, count: columns * to)
        medprep_turn(&got, to, values, from, rows, columns)
        var wanted = [Float](repeating: -1, count: columns * to)
        for row in 0..<rows {
            for column in 0..<columns { wanted[column * to + row] = values[row * from + column] }
        }
        #expect(got == wanted)
    }

    /// Lanes as one and as several rows of eight; no pattern, one, many.
    private static let patterns = [0, 1, 2, 301]

    @Test("add up lanes like their Swift twin", arguments: [8, 24, 40], patterns)
    func addUp(lanes: Int, patterns: Int) {
        let x = noise(Shape(d: 1, h: 1, w: lanes * patterns + 1)).values
        let means = (0..<lanes).map { Double($0) * 0.01 - 0.2 }
        var got = [[Double]](repeating: (0..<lanes).map { Double($0) * 0.3 }, count: 5)
        var wanted = got
        medprep_add_up(&got[0], x, patterns, lanes)
        medprep_add_up_squares(&got[1], means, x, patterns, lanes)
        var (squares, cubes, fourths) = (got[2], got[3], got[4])
        medprep_add_up_powers(&squares, &cubes, &fourths, means, x, patterns, lanes)
        (got[2], got[3], got[4]) = (squares, cubes, fourths)
        for i in 0..<lanes * patterns {
            let d = Double(x[i]) - means[i % lanes]
            let terms = [Double(x[i]), d * d, d * d, d * d * d, d * d * (d * d)]
            for sum in 0..<5 { wanted[sum][i % lanes] += terms[sum] }
        }
        #expect(got == wanted)
    }

    @Test("scale chosen values like their Swift twin", arguments: [8, 24], patterns)
    func scale(lanes: Int, patterns: Int) {
        var x = noise(Shape(d: 1, h: 1, w: lanes * patterns + 1)).values
        for (place, value) in zip(
            stride(from: 0, to: x.count, by: 5), [0, -0.0, .nan, .infinity, -2] as [Float])
        {
            x[place] = value
        }
        let centers = (0..<lanes).map { Double($0) * 0.1 }
        let factors = (0..<lanes).map { Double($0) * 0.7 - 3 }
        let offsets = (0..<lanes).map { 5 - Double($0) }
        for choice in 0..<3 {
            var (got, wanted) = (x, x)
            medprep_scale(&got, centers, factors, offsets, Int32(choice), patterns, lanes)
            for i in 0..<lanes * patterns where choice == 0 || (choice == 1 ? x[i] != 0 : x[i] > 0) {
                let lane = i % lanes
                wanted[i] = Float((Double(x[i]) - centers[lane]) * factors[lane] + offsets[lane])
            }
            #expect(got.map(\.bitPattern) == wanted.map(\.bitPattern))
        }
    }
}
