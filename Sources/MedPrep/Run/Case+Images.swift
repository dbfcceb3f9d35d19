internal import MedPrepCore
internal import MedPrepKernels

extension Case {
    /// Makes the images one volume with all channels, in their order, once they share a grid.
    mutating func stackImages(_ workers: Workers) {
        guard images.count > 1, let first = images.first,
            images.allSatisfy({ $0.volume.grid.isSame(as: first.volume.grid) }),
            images.allSatisfy({ $0.volume.tensor.shape.n == first.volume.tensor.shape.n })
        else { return }
        let tensor = Tensor(interleaving: images.map(\.volume.tensor), workers)
        images = [
            Named(name, Volume(tensor: tensor, grid: first.volume.grid, source: first.volume.source))
        ]
    }

    /// Masks and label maps as `mask: "file"` finds them.
    var namedMasks: [(name: String, tensor: Tensor, role: Volume.Role)] {
        (masks + labels).map { ($0.name, $0.volume.tensor, $0.volume.role) }
    }
}
