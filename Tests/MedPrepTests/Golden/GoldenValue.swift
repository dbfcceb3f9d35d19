import MedPrep
import MedPrepCore
import MedPrepIO

/// Numbers with a shape, as a golden case expects them or the library gives them; or a word.
struct GoldenValue {
    var shape: [Int]
    var numbers: [Double]
    var word: String?

    init(_ tensor: Tensor) {
        shape = tensor.shape.sizes
        numbers = tensor.values.map(Double.init)
    }

    init(_ array: NPYArray) {
        shape = array.sizes
        numbers = array.doubles
    }

    /// Numbers, nested lists of them, or a text.
    init(json: JSONValue) {
        (shape, numbers) = ([], [])
        var next: JSONValue? = json
        while let list = next?.array {
            shape.append(list.count)
            next = list.first
        }
        word = json.string
        Self.collect(json, into: &numbers)
    }

    private static func collect(_ json: JSONValue, into numbers: inout [Double]) {
        if let list = json.array {
            for item in list { collect(item, into: &numbers) }
        } else if let number = json.double {
            numbers.append(number)
        } else if json == .null {
            numbers.append(.nan)
        }
    }

    /// As many axes and sizes, sizes of 1 aside.
    func fits(_ other: GoldenValue) -> Bool {
        numbers.count == other.numbers.count && shape.filter { $0 != 1 } == other.shape.filter { $0 != 1 }
    }
}
