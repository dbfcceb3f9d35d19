import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("Polyline") struct PolylineTests {
    static func plain(_ x: Double, _ line: Polyline) -> Double {
        var x = x
        if line.isClamped { x = min(max(x, line.knots[0]), line.knots[line.knots.count - 1]) }
        let j = line.knots.dropFirst().dropLast().filter { $0 <= x }.count
        return line.values[j] + line.slopes[j] * (x - line.knots[j])
    }

    @Test("picks the segment by the inner knots at or below x", arguments: [2, 3, 4, 9, 256])
    func segments(count: Int) {
        let knots = (0..<count).map { Double($0 * $0) / 4 - 3 }
        let values = (0..<count).map { Double($0 * 7 % 5) }
        for isClamped in [true, false] {
            let line = Polyline(knots: knots, values: values, narrowest: 1e-5, isClamped: isClamped)
            for x in knots + knots.map({ $0 + 0.06 }) + [-1e6, -4, 1e6] {
                let expected = Float(Self.plain(Double(Float(x)), line))
                #expect(line(Float(x)) == expected)
            }
        }
    }

    @Test("a segment that is too narrow is flat, and ties go to the upper one")
    func narrow() {
        let line = Polyline(knots: [0, 1, 1, 2], values: [0, 10, 20, 30], narrowest: 1e-5, isClamped: false)
        #expect([0.5, 1, 1.5, 3].map { line($0) } == [5, 20, 25, 40])
        let flat = Polyline(knots: [4, 4], values: [1, 9], narrowest: 1e-5, isClamped: false)
        #expect([-Float.infinity, 3, 4, .infinity].map { flat($0) } == [1, 1, 1, 1])
    }

    @Test("NaN stays NaN, infinity is clamped or goes on")
    func notFinite() {
        let clamped = Polyline(knots: [0, 1], values: [2, 3], narrowest: 0, isClamped: true)
        #expect(clamped(.nan).isNaN && clamped(.infinity) == 3 && clamped(-.infinity) == 2)
        let open = Polyline(knots: [0, 1], values: [2, 3], narrowest: 0, isClamped: false)
        #expect(open(.nan).isNaN && open(.infinity) == .infinity && open(-.infinity) == -.infinity)
    }

    @Test("maps each channel of each sample by its own line", arguments: 1...3)
    func tensor(workers: Int) {
        let shape = Shape(n: 2, d: 2, h: 130, w: 131, c: 2)
        let tensor = Tensor.random(shape, seed: 9, mean: 0, spread: 3)
        func line(_ n: Int, _ c: Int) -> Polyline {
            let (knots, values): ([Double], [Double]) = ([-1, 0, Double(1 + n + c)], [0, Double(1 + c), 5])
            return Polyline(knots: knots, values: values, narrowest: 0, isClamped: n == 0)
        }
        let lines: [[Polyline]] = [[line(0, 0), line(0, 1)], [line(1, 0), line(1, 1)]]
        var found = tensor
        found.map(by: lines, Workers(workers))
        for n in 0..<2 {
            for c in 0..<2 {
                let expected = tensor.channel(c, sample: n).map { lines[n][c]($0) }
                #expect(found.channel(c, sample: n) == expected)
            }
        }
    }
}
