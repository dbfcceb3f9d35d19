package import MedPrepCore

extension Tensor {
    /// One tensor with the channels of all, in order: y[n,d,h,w] = (a[n,d,h,w,:], b[n,d,h,w,:], …).
    ///
    /// - Precondition: equal n, d, h and w. Cost: one pass over the result.
    ///
    /// Block by block, so that a line of the target is fetched once for all its channels.
    package init(interleaving tensors: [Tensor], _ workers: Workers = .one) {
        let first = tensors[0].shape
        let channels = tensors.reduce(0) { $0 + $1.shape.c }
        let shape = Shape(n: first.n, d: first.d, h: first.h, w: first.w, c: channels)
        let (voxels, block) = (shape.n * shape.voxelCount, max(64, 32_768 / channels))
        self.init(shape) { target in
            // Blocks do not overlap.
            nonisolated(unsafe) let target = target
            forEachIndex((voxels + block - 1) / block, workers) { index in
                let range = index * block..<min((index + 1) * block, voxels)
                let part = UnsafeMutableBufferPointer(
                    rebasing: target[range.lowerBound * channels..<range.upperBound * channels])
                var offset = 0
                for tensor in tensors {
                    let count = tensor.shape.c
                    tensor.withUnsafeValues { source in
                        let source = UnsafeBufferPointer(
                            rebasing: source[range.lowerBound * count..<range.upperBound * count])
                        for channel in 0..<count {
                            copyChannel(
                                source, at: .init(channel, of: count), to: part,
                                at: .init(offset + channel, of: channels), voxels: range.count)
                        }
                    }
                    offset += count
                }
            }
        }
    }

    /// The channels in `range`, in a tensor of their own.
    package func channels(_ range: Range<Int>) -> Tensor {
        let target = Shape(n: shape.n, d: shape.d, h: shape.h, w: shape.w, c: range.count)
        return Tensor(target) { values in
            withUnsafeValues { source in
                for channel in range {
                    copyChannel(
                        source, at: .init(channel, of: shape.c), to: values,
                        at: .init(channel - range.lowerBound, of: range.count),
                        voxels: shape.n * shape.voxelCount)
                }
            }
        }
    }
}
