public import MedPrepCore

/// Which of many voxels a statistic is taken from.
public enum VoxelSampling: Hashable, ParameterValue {
    /// Every one: exact.
    case all
    /// At most `size`, each set of so many equally likely; the seed decides.
    case reservoir(size: Int, seed: Int)

    public static var form: ParameterForm {
        .either([.choice(["all"]), .object([.init("reservoir", .integer), .init("seed", .integer)])])
    }

    public init?(json: JSONValue) {
        if json == "all" {
            self = .all
        } else if json.members?.count == 2, let size = json["reservoir"]?.int, size >= 1,
            let seed = json["seed"]?.int
        {
            self = .reservoir(size: size, seed: seed)
        } else {
            return nil
        }
    }

    public var json: JSONValue {
        switch self {
        case .all: "all"
        case .reservoir(let size, let seed): ["reservoir": .integer(size), "seed": .integer(seed)]
        }
    }

    public var numbers: [Double] {
        if case .reservoir(let size, let seed) = self { [Double(size), Double(seed)] } else { [] }
    }
}

/// Voxels drawn one by one, all channels of a voxel together (Vitter's algorithm R).
struct Draw {
    /// Voxels offered.
    private(set) var count = 0
    /// Kept, by channel.
    private(set) var kept: [[Float]]
    private let size: Int
    private var generator: SeededGenerator

    /// - Parameter number: which of several draws with one seed.
    init(_ sampling: VoxelSampling, number: Int, channels: Int) {
        kept = Array(repeating: [], count: channels)
        switch sampling {
        case .all: (size, generator) = (.max, SeededGenerator(seed: 0))
        case .reservoir(let size, let seed):
            self.size = size
            var seeds = SeededGenerator(seed: UInt64(bitPattern: Int64(seed)))
            let mixed = seeds.next() ^ UInt64(bitPattern: Int64(number))
            generator = SeededGenerator(seed: mixed)
        }
    }

    mutating func take(_ values: UnsafeBufferPointer<Float>, at first: Int) {
        count += 1
        if count <= size {
            for channel in kept.indices { kept[channel].append(values[first + channel]) }
        } else {
            let place = generator.index(below: count)
            guard place < size else { return }
            for channel in kept.indices { kept[channel][place] = values[first + channel] }
        }
    }
}
