import MedPrepCore

/// Where the peer says the voxels of `y` are.
struct GoldenGeometry {
    let affine: [[Double]]
    let spacing: [Double]
    /// (d, h, w).
    let sizes: [Int]

    init(_ json: JSONValue) throws {
        affine = (json["affine"]?.array ?? []).map { $0.array?.compactMap(\.double) ?? [] }
        spacing = json["spacing_ijk"]?.array?.compactMap(\.double) ?? []
        sizes = json["shape_dhw"]?.array?.compactMap(\.int) ?? []
        guard affine.count == 4, affine.allSatisfy({ $0.count == 4 }), spacing.count == 3, sizes.count == 3
        else {
            throw GoldenError("expected_geometry needs affine, spacing_ijk and shape_dhw, found \(json.line)")
        }
    }

    /// Each way in which a grid differs, in one sentence.
    func faults(in grid: Grid) -> [String] {
        let millimetres = GoldenTolerance(absolute: 1e-5, relative: 0)
        let exact = GoldenTolerance(absolute: 0, relative: 0)
        let extent = [grid.extent.z, grid.extent.y, grid.extent.x].map { Double($0) }
        let lengths = [grid.spacing.x, grid.spacing.y, grid.spacing.z]
        func fault(_ name: String, _ tolerance: GoldenTolerance, _ got: [[Double]], _ want: [[Double]])
            -> String?
        {
            let fault = tolerance.fault(in: GoldenValues(rows: got), against: GoldenValues(rows: want))
            return fault.map { "geometry \(name): \($0)" }
        }
        return [
            fault("affine", millimetres, grid.affine.rows, affine),
            fault("spacing_ijk", millimetres, [lengths], [spacing]),
            fault("shape_dhw", exact, [extent], [sizes.map { Double($0) }]),
        ].compactMap { $0 }
    }
}
