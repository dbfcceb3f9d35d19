public import MedPrepCore
package import MedPrepKernels

/// What one tensor tells of its batch: the moments of each scan or slice, channel by channel.
public struct ReductionMeasure: Learned, Hashable {
    package let shape: Shape
    /// By sample, then by slice (where slices are kept) and channel; empty where nothing is gathered.
    package let samples: [[Moments]]

    package init(shape: Shape, samples: [[Moments]]) {
        (self.shape, self.samples) = (shape, samples)
    }

    public var json: JSONValue {
        [
            "shape_ndhwc": .integers(shape.sizes),
            "samples": .array(samples.map { places in .array(places.map(\.json)) }),
        ]
    }

    public init(json: JSONValue) throws(OperatorError) {
        func fault(_ reason: String) -> OperatorError {
            .invalidState(operator: "batch statistics", reason: reason)
        }
        let sizes = json["shape_ndhwc"]?.array?.compactMap(\.int) ?? []
        guard sizes.count == 5, Shape.count(of: sizes) != nil, let list = json["samples"]?.array else {
            throw fault("expected shape_ndhwc and samples")
        }
        let shape = Shape(n: sizes[0], d: sizes[1], h: sizes[2], w: sizes[3], c: sizes[4])
        var samples = [[Moments]]()
        for places in list {
            var sample = [Moments]()
            for place in places.array ?? [] {
                guard let moments = Moments(json: place) else {
                    throw fault("found \(place.line), expected count, mean and m2")
                }
                sample.append(moments)
            }
            samples.append(sample)
        }
        let widths = Set(samples.map(\.count))
        guard
            samples.isEmpty
                || (samples.count == shape.n && widths.count == 1
                    && [shape.c, shape.d * shape.c].contains(samples[0].count))
        else { throw fault("the samples, slices and channels are not those of \(shape)") }
        (self.shape, self.samples) = (shape, samples)
    }
}

/// What a step that keeps nothing from batch to batch has for a state.
public struct BatchCount: Learned, Hashable {
    public let batchesSeen: Int

    public init(_ batchesSeen: Int) { self.batchesSeen = batchesSeen }

    public var json: JSONValue { ["batches_seen": .integer(batchesSeen)] }

    public init(json: JSONValue) throws(OperatorError) {
        guard let count = json["batches_seen"]?.int, (0...1 << 40).contains(count) else {
            throw .invalidState(operator: "a batch step", reason: "expected batches_seen, a count")
        }
        batchesSeen = count
    }
}
