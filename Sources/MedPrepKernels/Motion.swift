package import MedPrepCore

/// What a map from output index to input index amounts to, once rounding noise (1e-9 of the size) is taken away.
package enum Motion: Hashable, Sendable {
    /// Nothing moves.
    case identity
    /// Each output axis runs along one input axis; x, y and z of the output in this order.
    case axes([AxisMotion])
    case oblique

    package init(_ map: Affine, from source: SIMD3<Int>, to extent: SIMD3<Int>) {
        let tolerance = 1e-9 * Double(max(source.max(), extent.max()))
        var axes: [Int?] = [nil, nil, nil]
        for a in 0..<3 {
            let column = map[a] * Double(extent[a] - 1)
            let large = (0..<3).filter { !(abs(column[$0]) <= tolerance) }
            if large.count > 1 {
                self = .oblique
                return
            }
            axes[a] = large.first
        }
        let taken = axes.compactMap { $0 }
        guard Set(taken).count == taken.count else {
            self = .oblique
            return
        }
        // An axis of one voxel runs along whatever is left, best along its own.
        for a in 0..<3 where axes[a] == nil && !axes.contains(a) { axes[a] = a }
        var left = (0..<3).filter { !axes.contains($0) }
        let ratios = Self.ratios(map)
        let motions = (0..<3).map { a in
            let axis = axes[a] ?? left.removeFirst()
            return AxisMotion(
                axis: axis, scale: map[a][axis], offset: map.origin[axis], count: extent[a],
                ratio: ratios[axis], tolerance: tolerance)
        }
        let still = (0..<3).allSatisfy {
            motions[$0].axis == $0 && motions[$0].isWhole && motions[$0].scale == 1 && motions[$0].offset == 0
        }
        self = still && source == extent ? .identity : .axes(motions)
    }
}

extension Motion {
    /// Input voxels that an output voxel spans along each input axis.
    static func ratios(_ map: Affine) -> SIMD3<Double> {
        (map.x * map.x + map.y * map.y + map.z * map.z).squareRoot()
    }

    /// True where output axis `axis` takes whole voxels.
    func isWhole(_ axis: Int) -> Bool {
        if case .axes(let axes) = self { axes[axis].isWhole } else { false }
    }

    /// True where each output is one voxel.
    var isWhole: Bool {
        switch self {
        case .identity: true
        case .axes(let axes): axes.allSatisfy(\.isWhole)
        case .oblique: false
        }
    }

    /// The input axes as an interpolation reads them; axes in their own places.
    func lattices(_ source: SIMD3<Int>, _ sampling: Sampling) -> [Lattice] {
        (0..<3).map { a in
            guard case .axes(let axes) = self else {
                return Lattice(source[a], sampling: sampling, isFiltered: true)
            }
            let motion = axes.first { $0.axis == a }
            return Lattice(source[a], sampling: sampling, isFiltered: !(motion?.isWhole ?? false))
        }
    }
}

/// How one output axis runs along one input axis: c(o) = scale·o + offset.
package struct AxisMotion: Hashable, Sendable {
    /// The input axis.
    package private(set) var axis: Int
    package let scale: Double
    package let offset: Double
    /// Outputs along the axis.
    package let count: Int
    /// True where every c(o) is a whole number and the step is one voxel, forward or backward.
    package let isWhole: Bool
    /// Input voxels that an output voxel spans along the axis.
    package let ratio: Double
    private let tolerance: Double

    init(axis: Int, scale: Double, offset: Double, count: Int, ratio: Double, tolerance: Double) {
        (self.axis, self.count, self.ratio, self.tolerance) = (axis, count, ratio, tolerance)
        let whole = offset.rounded()
        let step = count == 1 ? 1 : scale.rounded()
        isWhole =
            abs(step) == 1 && abs(scale - step) * Double(count - 1) <= tolerance
            && abs(offset - whole) <= tolerance
            && abs(whole) < 0x1p52
        self.scale = isWhole ? step : scale
        self.offset = isWhole ? whole : offset
    }

    /// The same motion along another input axis.
    init(_ other: AxisMotion, along axis: Int) {
        self = other
        self.axis = axis
    }

    /// The whole of an input axis, from index `first` on.
    init(shifting axis: Int, by first: Int = 0, count: Int) {
        (self.axis, self.count, scale, offset, isWhole, ratio, tolerance) = (
            axis, count, 1, Double(first), true, 1, 0
        )
    }

    /// c(o); a coordinate that is whole but for rounding noise is whole.
    package func coordinate(_ output: Int) -> Double {
        let c = scale * Double(output) + offset
        let whole = c.rounded()
        return abs(c - whole) <= tolerance ? whole : c
    }
}

extension Sampling {
    /// The coordinates along an axis of `size` voxels that are not `fill` (SEMANTICS 6): where ⌊c + ½ + 1e-6⌋ is a voxel.
    /// A point on the border of two voxels belongs to the later one, so on the last border it is outside, as in ITK.
    func inside(_ size: Int) -> ClosedRange<Double> {
        if continues { return -0x1p52...0x1p52 }
        let noise = 1e-9 * Double(size)
        if resolvedBoundary == .constantSharp { return -noise...Double(size - 1) + noise }
        return (-0.5 - 1e-6)...(Double(size) - 0.5 - 1e-6).nextDown
    }
}

extension Boundary {
    /// The voxel that stands at `index` of a lattice of `size`; nil: the fill value.
    func fold(_ index: Int, _ size: Int) -> Int? {
        if index >= 0 && index < size { return index }
        func remainder(_ period: Int) -> Int {
            let rest = index % period
            return rest < 0 ? rest + period : rest
        }
        switch self {
        case .constant: return nil
        case .edge, .constantSharp: return index < 0 ? 0 : size - 1
        case .wrap: return remainder(size)
        case .reflect:
            let place = remainder(2 * size)
            return place < size ? place : 2 * size - 1 - place
        case .mirror:
            if size == 1 { return 0 }
            let place = remainder(2 * size - 2)
            return place < size ? place : 2 * size - 2 - place
        }
    }
}

/// ⌊c + ½ + 1e-6⌋: the voxel whose box holds c; ties go up.
func nearestIndex(_ c: Double) -> Int { Int((c + 0.5 + 1e-6).rounded(.down)) }
