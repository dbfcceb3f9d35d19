/// How far a value may lie from the peer's: `|got − want| ≤ abs + rel·|want|` (SEMANTICS 1).
struct GoldenTolerance {
    let absolute: Double
    let relative: Double

    func admits(_ got: Double, _ want: Double) -> Bool {
        // An infinite `want` would have an infinite tolerance.
        guard got.isFinite, want.isFinite else { return got == want || got.isNaN && want.isNaN }
        return abs(got - want) <= absolute + relative * abs(want)
    }

    /// The same, unless the peer misses its own formula by more than the tolerance, at its largest: nobody can be nearer
    /// to such a peer than that.
    func allowing(peerError: Double, in want: GoldenValues) -> GoldenTolerance {
        let largest = want.numbers.lazy.filter(\.isFinite).map(abs).max() ?? 0
        guard peerError > absolute + relative * largest else { return self }
        return GoldenTolerance(absolute: absolute + peerError, relative: relative)
    }

    /// What is wrong with an output, in one sentence; nil: nothing.
    ///
    /// - Parameter ignored: true for voxels, all their channels, that are not compared; nil: none.
    func fault(in got: GoldenValues, against want: GoldenValues, ignoring ignored: [Bool]? = nil) -> String? {
        if got.text != nil || want.text != nil {
            return got.text == want.text
                ? nil : "got \(got.text ?? "numbers"), want \(want.text ?? "numbers")"
        }
        // Peers keep or drop axes of size 1 in lists of statistics; a tensor has all five.
        let isTensor = want.sizes.count >= 5
        let shapes = [got.sizes, want.sizes].map { sizes in isTensor ? sizes : sizes.filter { $0 != 1 } }
        guard shapes[0] == shapes[1], got.numbers.count == want.numbers.count else {
            return "got the shape \(got.sizes), want \(want.sizes)"
        }
        if let ignored, ignored.isEmpty || got.numbers.count % ignored.count != 0 {
            return "the voxels to ignore have another shape"
        }
        let perVoxel = ignored.map { got.numbers.count / $0.count } ?? 1
        let wrong = got.numbers.indices.filter { index in
            ignored?[index / perVoxel] != true && !admits(got.numbers[index], want.numbers[index])
        }
        guard let first = wrong.first else { return nil }
        let place = "first at \(Self.position(of: first, in: want.sizes))"
        return "\(wrong.count) of \(got.numbers.count) values differ, \(place): got \(got.numbers[first]), "
            + "want \(want.numbers[first]), tolerance \(absolute) + \(relative)·|want|"
    }

    /// The index along each axis.
    private static func position(of offset: Int, in sizes: [Int]) -> [Int] {
        var (position, rest) = ([Int](), offset)
        for size in sizes.reversed() {
            position.insert(rest % size, at: 0)
            rest /= size
        }
        return position
    }
}
