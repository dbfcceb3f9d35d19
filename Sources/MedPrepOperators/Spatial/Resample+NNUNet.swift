internal import MedPrepCore

/// Compat nnunet (SEMANTICS 6 and 7.3): both fields of view are one, by sizes round(s/s'·n).
///
/// nnU-Net records s' as the new spacing; the grid here tells the true s·n/n', and the step's record has s' too.
extension Resample {
    func checkNNUNet() throws(ParameterError) {
        if order == 2 { throw .wrongForm("order", found: 2, expected: "0, 1 or 3") }
        let plain = Resample()
        func refuse(_ parameter: String, _ reason: String) -> ParameterError {
            .conflict([parameter, "compat"], reason: reason)
        }
        guard compat == .nnunet else {
            let own: [(String, Bool)] = [
                ("order", order != plain.order), ("order_z", orderZ != plain.orderZ),
                ("separate_z", separateZ != plain.separateZ),
                ("anisotropy_threshold", anisotropyThreshold != plain.anisotropyThreshold),
            ]
            if let (key, _) = own.first(where: \.1) {
                throw refuse(key, "\(key) belongs to compat \"nnunet\"; set that, or leave \(key) out")
            }
            return
        }
        let foreign: [(String, Bool)] = [
            ("reference", reference != nil), ("grid", grid != .edges), ("diagonal", diagonal),
            ("size_rounding", sizeRounding != .round), ("size_rule", sizeRule != .extent),
            ("interpolation", interpolation != .bspline3), ("boundary", boundary != .edge),
            ("antialias", antialias != .none), ("clip_to_input_range", clipToInputRange),
        ]
        if let (key, _) = foreign.first(where: \.1) {
            throw refuse(
                key, "compat \"nnunet\" chooses \(key) itself (order and order_z say how); leave \(key) out")
        }
    }

    /// The grid of sizes round(s/s'·n), evaluated in that order; itself where they stay.
    func zoomed(_ grid: Grid) throws(OperatorError) -> Grid {
        let (before, after) = (grid.spacing, try targetSpacing(of: grid))
        var axes = [AxisGrid]()
        for axis in 0..<3 {
            let n = grid.extent[axis]
            guard let size = SizeRounding.round(before[axis] / after[axis] * Double(n), isGuarded: true)
            else {
                throw .tooLarge(extent: (0..<3).map { $0 == axis ? Int.max : grid.extent[$0] })
            }
            axes.append(size == n ? AxisGrid(keeping: n) : AxisGrid(.edges, from: n, to: size, ratio: 1))
        }
        if (0..<3).allSatisfy({ axes[$0].size == grid.extent[$0] }) { return grid }
        return grid.resampled(axes)
    }

    func zoomSampling(on grid: Grid) -> Sampling {
        var sampling = Sampling(interpolation, boundary: boundary, fill: fill)
        sampling.zoom = zoom(
            on: grid, SplineOrder(rawValue: order) ?? .cubic, SplineOrder(rawValue: orderZ) ?? .nearest)
        return sampling
    }

    /// Labels: linear votes in slices, nearest across them.
    func zoomLabelSampling(on grid: Grid) -> Sampling {
        var sampling = labels.sampling(tiebreak)
        sampling.zoom = zoom(on: grid, .linear, .nearest)
        return sampling
    }

    private func zoom(on grid: Grid, _ order: SplineOrder, _ across: SplineOrder) -> Sampling.Zoom {
        let now = grid.spacing
        let target = (try? targetSpacing(of: grid)) ?? now
        let axis = separateZ.axis(from: now, to: target, above: anisotropyThreshold)
        return Sampling.Zoom(order: order, apart: axis.map { Sampling.Apart(axis: $0, order: across) })
    }

    /// What nnU-Net would say the spacing is now, in its order (z, y, x).
    func recordSpacing(of grid: Grid, in context: inout Context) {
        guard compat == .nnunet, let target = try? targetSpacing(of: grid) else { return }
        context.record.append(.init("nnunet_spacing", .numbers([target.z, target.y, target.x])))
    }
}
