internal import MedPrepCore

/// Voxels of each label above 0, for a training that must find them: of `count` voxels min(10000, count) but at least
/// 1 %, without replacement, in index order; drawn with seed 1234.
struct ClassLocations {
    /// By label, ascending; each place is (n, z, y, x).
    private(set) var places: [(label: Int, places: [SIMD4<Int>])]

    /// Knuth's selection sampling: a voxel is taken with the chance of those still wanted among those still to come.
    private struct Choice {
        var left: Int
        var wanted: Int
        var generator = SeededGenerator(seed: 1234)
        var places = [SIMD4<Int>]()

        mutating func offer(_ place: () -> SIMD4<Int>) {
            if generator.index(below: left) < wanted {
                places.append(place())
                wanted -= 1
            }
            left -= 1
        }
    }

    init(_ labels: Tensor) {
        let shape = labels.shape
        var counts = [Int: Int]()
        labels.withUnsafeValues { values in
            for value in values where value > 0 {
                if let label = Int(exactly: value) { counts[label, default: 0] += 1 }
            }
        }
        var choices = counts.mapValues { count in
            Choice(left: count, wanted: max(min(10_000, count), (count + 99) / 100))
        }
        labels.withUnsafeValues { values in
            for (index, value) in values.enumerated() where value > 0 {
                guard let label = Int(exactly: value) else { continue }
                choices[label]?.offer {
                    let (n, voxel) = index.quotientAndRemainder(dividingBy: shape.voxelCount)
                    let (row, x) = voxel.quotientAndRemainder(dividingBy: shape.w)
                    return SIMD4(n, row / shape.h, row % shape.h, x)
                }
            }
        }
        places = choices.sorted { $0.key < $1.key }.map { ($0.key, $0.value.places) }
    }

    var json: JSONValue {
        .object(
            places.map { label, places in
                .init("\(label)", .array(places.map { .integers([$0.x, $0.y, $0.z, $0.w]) }))
            })
    }
}
