public import MedPrepCore
package import MedPrepKernels

/// The axes that a statistic is taken over: letters of NDHWC, in that order.
public struct Reduction: Hashable, Sendable {
    public let letters: String
    package let axes: TensorAxes

    /// nil where `letters` are not some of NDHWC, each once, in that order.
    public init?(_ letters: String) {
        guard let index = Self.names.firstIndex(of: letters) else { return nil }
        self.init(Self.all[index])
    }

    private init(_ axes: TensorAxes) {
        self.axes = axes
        letters = Self.letters(of: axes)
    }

    /// Each channel over samples and space, as batch norm does.
    public static let batch = Reduction([.n, .d, .h, .w])

    /// Those that have a name of their own first.
    private static let all: [TensorAxes] = {
        let named: [TensorAxes] = [
            [.n, .d, .h, .w], [.n, .h, .w], [.n, .c], .n, [.d, .h, .w], [.d, .h, .w, .c], .c,
            [.n, .d, .h, .w, .c],
        ]
        return named + (1..<32).map { TensorAxes(rawValue: $0) }.filter { !named.contains($0) }
    }()
    private static let names = all.map { letters(of: $0) }

    private static func letters(of axes: TensorAxes) -> String {
        zip(TensorAxes.ordered, ["N", "D", "H", "W", "C"]).map { axes.contains($0) ? $1 : "" }.joined()
    }
}

extension Reduction: ParameterValue {
    public static var form: ParameterForm { .choice(names) }

    public init?(json: JSONValue) {
        guard let letters = json.string, let reduction = Reduction(letters) else { return nil }
        self = reduction
    }

    public var json: JSONValue { .string(letters) }
}

extension Reduction {
    /// How much of the space one statistic covers.
    enum Cover {
        /// All voxels of a scan.
        case scan
        /// Those of one slice.
        case slice
        /// Less than a slice.
        case less
    }

    var cover: Cover {
        if !axes.isSuperset(of: [.h, .w]) { return .less }
        return axes.contains(.d) ? .scan : .slice
    }

    /// How many values one statistic is taken from.
    func valueCount(_ shape: Shape, samples: Int) -> Int {
        var sizes = shape.sizes
        sizes[0] = samples
        return zip(TensorAxes.ordered, sizes).reduce(1) { axes.contains($1.0) ? $0 * $1.1 : $0 }
    }
}
