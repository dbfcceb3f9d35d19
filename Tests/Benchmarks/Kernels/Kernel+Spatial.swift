import MedPrepCore
import MedPrepKernels

extension Kernel {
    /// A result is new memory each time, as in a pipeline.
    static let spatial = [
        Kernel("flip x") { scan in
            let last = Double(scan.edge - 1)
            return moving(scan, Affine(scale: SIMD3(-1, 1, 1), origin: SIMD3(last, 0, 0)), .nearest)
        },
        Kernel("swap x y") { scan in
            moving(scan, Affine(rows: [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0]]), .nearest)
        },
        Kernel("swap x z") { scan in moving(scan, swappingXZ, .nearest) },
        Kernel("swap x z, int16") { scan in moving(scan, swappingXZ, .nearest, scan.numbers) },
        Kernel("swap y z") { scan in
            moving(scan, Affine(rows: [[1, 0, 0, 0], [0, 0, 1, 0], [0, 1, 0, 0]]), .nearest)
        },
        Kernel("linear, aligned") { scan in moving(scan, scaling, .linear) },
        Kernel("linear, aligned, int16") { scan in moving(scan, scaling, .linear, scan.numbers) },
        Kernel("linear, oblique") { scan in moving(scan, turning(scan), .linear) },
        Kernel("cubic, aligned") { scan in moving(scan, scaling, .bspline3) },
        Kernel("cubic, oblique") { scan in moving(scan, turning(scan), .bspline3) },
        Kernel("prefilter") { scan in
            // Values grow from run to run, up to infinity, which takes no more time than a number.
            var values = scan.tensor
            return { values.prefilter([.mirror, .mirror, .mirror], .one) }
        },
    ]

    private static let swappingXZ = Affine(rows: [[0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0]])

    /// Every axis alone, all sizes kept: voxels shrink a little.
    private static let scaling = Affine(scale: SIMD3(0.93, 0.93, 0.93), origin: SIMD3(0.2, 0.3, 0.4))

    /// A turn by 7 degrees about z and 5 about x, around the middle.
    private static func turning(_ scan: Scan) -> Affine {
        let (c, s, d, t) = (0.992546, 0.121869, 0.996195, 0.087156)
        let rows = [[c, -s * d, s * t], [s, c * d, -c * t], [0, t, d]]
        let middle = Double(scan.edge - 1) / 2
        return Affine(rows: rows.map { row in row + [middle - middle * (row[0] + row[1] + row[2])] })
    }

    private static func moving(
        _ scan: Scan, _ map: Affine, _ interpolation: Interpolation, _ source: Tensor? = nil
    ) -> () -> Void {
        let (sampling, extent, source) = (Sampling(interpolation), scan.shape.extent, source ?? scan.tensor)
        return { _ = resample(source, map: map, to: extent, sampling: sampling, workers: .one) }
    }
}
