import MedPrepCore
import MedPrepIO

/// Numbers with their sizes, or one text: an output of a peer or of the library.
struct GoldenValues {
    let sizes: [Int]
    let numbers: [Double]
    /// For outputs that are a word; then there are no numbers.
    let text: String?

    init(_ numbers: [Double], sizes: [Int]) { (self.numbers, self.sizes, text) = (numbers, sizes, nil) }
    init(text: String) { (numbers, sizes, self.text) = ([], [], text) }

    init(_ tensor: Tensor) {
        self.init(tensor.values.map { Double($0) }, sizes: tensor.shape.sizes)
    }

    /// A batch as it is; several, of one shape, along a new first axis.
    init(batches tensors: [Tensor]) {
        let shape = tensors.first?.shape.sizes ?? []
        let sizes = tensors.count == 1 ? shape : [tensors.count] + shape
        self.init(tensors.flatMap { $0.values.map { Double($0) } }, sizes: sizes)
    }

    /// Rows of equal length; a row for each batch, channel …
    init(rows: [[Double]]) {
        self.init(rows.flatMap { $0 }, sizes: [rows.count, rows.first?.count ?? 0])
    }

    /// The library's own JSON: a number, a text or nested lists of numbers; null is NaN. nil for anything else.
    init?(json: JSONValue) {
        if let text = json.string {
            self.init(text: text)
            return
        }
        guard let numbers = Self.numbers(in: json) else { return nil }
        self.init(numbers, sizes: Self.sizes(of: json))
    }

    /// `{"file": …, "shape": […]}` or `{"value": …, "shape": […]}`, as the index writes expected values.
    init(_ json: JSONValue, folder: ScanPath) throws {
        if let file = json["file"]?.string {
            let array = try NPYReader.read(folder.appending(file))
            self.init(array.doubles, sizes: array.sizes)
        } else if let value = json["value"], let text = value.string, Self.numbers(in: value) == nil {
            self.init(text: text)
        } else if let value = json["value"], let numbers = Self.numbers(in: value) {
            self.init(numbers, sizes: json["shape"]?.array?.compactMap(\.int) ?? Self.sizes(of: value))
        } else {
            throw GoldenError("expected values need a file or a value, found \(json.line.prefix(200))")
        }
        if let shape = json["shape"]?.array?.compactMap(\.int), shape != sizes, text == nil {
            throw GoldenError("the index promises the shape \(shape), found \(sizes)")
        }
        guard text != nil || numbers.count == sizes.reduce(1, *) else {
            throw GoldenError("\(numbers.count) values do not fill the shape \(sizes)")
        }
    }

    /// Depth first; the index writes numbers that JSON lacks as text.
    private static func numbers(in json: JSONValue) -> [Double]? {
        switch json {
        case .null, "NaN": return [.nan]
        case "Infinity": return [.infinity]
        case "-Infinity": return [-.infinity]
        case .array(let items):
            var result = [Double]()
            for item in items {
                guard let numbers = numbers(in: item) else { return nil }
                result += numbers
            }
            return result
        default: return json.double.map { [$0] }
        }
    }

    private static func sizes(of json: JSONValue) -> [Int] {
        guard let items = json.array else { return [] }
        return [items.count] + (items.first.map { sizes(of: $0) } ?? [])
    }
}
