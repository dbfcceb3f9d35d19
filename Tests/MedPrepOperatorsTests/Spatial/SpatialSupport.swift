import MedPrepCore

/// A volume whose value is a ramp in world space: 3x − 2y + 5z + 1000·channel, in millimetres.
func rampVolume(_ grid: Grid, n: Int = 1, c: Int = 1) -> Volume {
    var tensor = Tensor(Shape(n: n, extent: grid.extent, c: c))
    eachVoxel(tensor.shape) { n, d, h, w in
        let world = grid.affine(SIMD3(Double(w), Double(h), Double(d)))
        for channel in 0..<c { tensor[n: n, d: d, h: h, w: w, c: channel] = ramp(world, channel) }
    }
    return Volume(tensor: tensor, grid: grid)
}

func ramp(_ world: SIMD3<Double>, _ channel: Int) -> Float {
    Float(3 * world.x - 2 * world.y + 5 * world.z + 1000 * Double(channel))
}

/// A volume of values that all differ.
func spatialVolume(_ grid: Grid, c: Int = 1, role: Volume.Role = .image) -> Volume {
    let shape = Shape(extent: grid.extent, c: c)
    return Volume(tensor: Tensor(shape, (0..<shape.count).map { Float($0 + 1) }), grid: grid, role: role)
}

/// The largest distance of a volume from the ramp, in voxels at least `border` from its faces that read nothing else.
func distanceFromRamp(_ volume: Volume, border: Int = 0, ignoring fill: Float? = nil) -> Float {
    var worst: Float = 0
    let shape = volume.tensor.shape
    eachVoxel(shape) { n, d, h, w in
        let place = [(w, shape.w), (h, shape.h), (d, shape.d)]
        guard place.allSatisfy({ $0.0 >= border && $0.0 < $0.1 - border }) else { return }
        let world = volume.grid.affine(SIMD3(Double(w), Double(h), Double(d)))
        for c in 0..<shape.c {
            let value = volume.tensor[n: n, d: d, h: h, w: w, c: c]
            if value == fill { continue }
            worst = max(worst, abs(value - ramp(world, c)))
        }
    }
    return worst
}

private func eachVoxel(_ shape: Shape, _ body: (Int, Int, Int, Int) -> Void) {
    for n in 0..<shape.n {
        for d in 0..<shape.d {
            for h in 0..<shape.h {
                for w in 0..<shape.w { body(n, d, h, w) }
            }
        }
    }
}

/// A rotated, sheared grid of unequal spacing.
let slantedGrid = Grid(
    extent: SIMD3(12, 11, 10),
    affine: Affine(
        x: SIMD3(0.9, 0.2, -0.1), y: SIMD3(-0.3, 1.2, 0.15), z: SIMD3(0.2, -0.1, 1.6),
        origin: SIMD3(-20, 14, 3)))
