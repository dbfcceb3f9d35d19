import MedPrepCore
import MedPrepOperators

/// For each value of a tensor the index of the set it is averaged with: its indices along the letters that are kept.
func setsOfValues(_ shape: Shape, over reduce: String) -> [[Int]: [Int]] {
    var sets = [[Int]: [Int]]()
    let letters = Array("NDHWC")
    for offset in 0..<shape.count {
        var rest = offset
        var indices = [Int](repeating: 0, count: 5)
        for axis in (0..<5).reversed() {
            indices[axis] = reduce.contains(letters[axis]) ? 0 : rest % shape.sizes[axis]
            rest /= shape.sizes[axis]
        }
        sets[indices, default: []].append(offset)
    }
    return sets
}

/// Each set of values changed by itself.
func changed(
    _ tensor: Tensor, over reduce: String, _ change: ([Double]) throws -> [Double]
) rethrows -> [Double] {
    let values = tensor.values
    var result = [Double](repeating: 0, count: values.count)
    for places in setsOfValues(tensor.shape, over: reduce).values {
        let new = try change(places.map { Double(values[$0]) })
        for (place, value) in zip(places, new) { result[place] = value }
    }
    return result
}

/// All 31 choices of axes.
let allReductions: [String] = (1..<32).map { bits in
    zip(0..<5, "NDHWC").filter { bits >> $0.0 & 1 == 1 }.map { String($0.1) }.joined()
}
