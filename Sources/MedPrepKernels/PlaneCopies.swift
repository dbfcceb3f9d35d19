/// Where the planes of a source go along an axis that takes whole voxels: each becomes no, one or several planes of the
/// result (a folded boundary shows a voxel more than once).
struct PlaneCopies {
    /// Where the outputs of plane i begin in `outputs`: `starts[i]`..<`starts[i + 1]`.
    private let starts: [Int]
    private let outputs: [Int]
    /// Planes of the result that read none.
    let filled: [Int]

    /// - Parameter planes: of the source. Where the axis reads between voxels, there are no copies.
    init(_ axis: SplineAxis, planes: Int) {
        guard axis.isCopied else {
            (starts, outputs, filled) = ([], [], [])
            return
        }
        let sources = axis.inside.map { axis.taps.index($0 - axis.inside.lowerBound, 0) }
        var starts = [Int](repeating: 0, count: planes + 1)
        for case .some(let source) in sources { starts[source + 1] += 1 }
        for plane in 0..<planes { starts[plane + 1] += starts[plane] }
        var (next, outputs) = (starts, [Int](repeating: 0, count: starts[planes]))
        for (output, source) in zip(axis.inside, sources) {
            guard let source else { continue }
            outputs[next[source]] = output
            next[source] += 1
        }
        filled = zip(axis.inside, sources).filter { $0.1 == nil }.map(\.0)
        (self.starts, self.outputs) = (starts, outputs)
    }

    /// The planes of the result that plane `index` of the source becomes.
    func places(of index: Int) -> ArraySlice<Int> { outputs[starts[index]..<starts[index + 1]] }
}
