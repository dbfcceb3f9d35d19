import MedPrepCore

/// What the library made of a case, under the names of the index.
struct GoldenOutputs {
    private(set) var values = [String: GoldenValues]()
    /// Of `y`, where a step moved voxels.
    var grid: Grid?

    subscript(name: String) -> GoldenValues? {
        get { values[name] }
        set { values[name] = newValue }
    }

    /// One more row of a table, such as the numbers of one more batch.
    mutating func append(row: [Double], to name: String) {
        let earlier = values[name]?.numbers ?? []
        let count = row.isEmpty ? 0 : earlier.count / row.count + 1
        values[name] = GoldenValues(earlier + row, sizes: [count, row.count])
    }

    /// Every member of an object that is made of numbers or a word, under its own name with a prefix.
    mutating func add(_ json: JSONValue?, prefix: String = "") {
        for member in json?.members ?? [] { values[prefix + member.key] = GoldenValues(json: member.value) }
    }
}
