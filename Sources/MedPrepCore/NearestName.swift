/// The name that was probably meant: the fewest edits away, at most a third of the longer name's length.
///
///     nearest(to: "resampel", in: ["orient", "resample"]) = "resample"
///
/// An edit inserts, drops or changes one character or swaps two neighbours; upper and lower case are alike. Of
/// equally near names the first one wins; nil when none is near.
package func nearest(to name: String, in names: some Sequence<String>) -> String? {
    let wanted = Array(name.lowercased().unicodeScalars)
    var best: (name: String, edits: Int)?
    for candidate in names {
        let known = Array(candidate.lowercased().unicodeScalars)
        let limit = min(max(wanted.count, known.count) / 3, best.map { $0.edits - 1 } ?? .max)
        if limit < 0 || abs(wanted.count - known.count) > limit { continue }
        let edits = edits(from: wanted, to: known)
        if edits <= limit { best = (candidate, edits) }
    }
    return best?.name
}

/// Optimal string alignment distance, row by row; three rows are enough.
private func edits(from wanted: [Unicode.Scalar], to known: [Unicode.Scalar]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...known.count)
    for i in wanted.indices {
        var row = [i + 1]
        row.reserveCapacity(known.count + 1)
        for j in known.indices {
            let change = last[j] + (wanted[i] == known[j] ? 0 : 1)
            var least = min(change, last[j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, wanted[i] == known[j - 1], wanted[i - 1] == known[j] {
                least = min(least, beforeLast[j - 1] + 1)
            }
            row.append(least)
        }
        (beforeLast, last) = (last, row)
    }
    return last[known.count]
}
