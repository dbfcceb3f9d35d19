package import MedPrepCore

extension Tensor {
    /// The moments of each channel of each sample: by sample, then by channel.
    ///
    /// Two passes over each slab while it is in cache, the mean first and then the powers of the deviations; slabs
    /// are merged in order, so workers never change a bit.
    ///
    /// - Precondition: a mask has one channel and this tensor's samples and extent.
    package func moments(
        where selection: VoxelSelection = .all, order: Moments.Order = .second, _ workers: Workers
    ) -> [[Moments]] {
        precondition(selection.fits(shape), "a mask of another shape than \(shape)")
        return joined(mapSlabs(workers) { slabMoments($0, $1, where: selection, order: order) })
    }

    /// The moments of each channel of one slab.
    func slabMoments(
        _ index: Int, _ slab: UnsafeBufferPointer<Float>, where selection: VoxelSelection,
        order: Moments.Order
    ) -> [Moments] {
        let lanes = ChannelLanes(channels: shape.c)
        return selection.onSlab(index, of: shape) { slab.moments(where: $0, order: order, lanes) }
    }

    /// Those of all slabs, by sample, then by channel.
    func joined(_ parts: [[Moments]]) -> [[Moments]] {
        (0..<shape.n).map { sample in
            let parts = parts[shape.slabs.indices(ofSample: sample)]
            return (0..<shape.c).map { channel in Moments(merging: parts.lazy.map { $0[channel] }) }
        }
    }
}

extension Tensor {
    /// Of each channel over all samples, in one sweep: the moments up to the fourth, and how many values are 0.
    func momentsAndZeros(_ workers: Workers) -> [(moments: Moments, zeros: Int)] {
        let lanes = ChannelLanes(channels: shape.c)
        let parts = mapSlabs(workers) { _, slab in
            (moments: slab.moments(where: .all, order: .fourth, lanes), zeros: slab.zeros(lanes.channels))
        }
        return (0..<shape.c).map { channel in
            (
                Moments(merging: parts.lazy.map { $0.moments[channel] }),
                parts.reduce(0) { $0 + $1.zeros[channel] }
            )
        }
    }
}

extension UnsafeBufferPointer<Float> {
    /// How many values of each channel are 0.
    fileprivate func zeros(_ channels: Int) -> [Int] {
        if channels == 1 {
            let zeros = countZeros(self)
            return [zeros.plus + zeros.minus]
        }
        return (0..<channels).map { channel in
            stride(from: channel, to: count, by: channels).reduce(0) { $0 + (self[$1] == 0 ? 1 : 0) }
        }
    }

    /// The moments of each channel of one slab.
    fileprivate func moments(
        where selection: VoxelSelection.OnSlab, order: Moments.Order, _ lanes: ChannelLanes
    ) -> [Moments] {
        guard case .all = selection else {
            return (0..<lanes.channels).map { channelMoments($0, where: selection, order: order, lanes) }
        }
        var result = interleavedMoments(order: order, lanes)
        // A slab is too short for a sum of finite Floats to overflow a Double: not finite means it met one that
        // is not, and the channel is done again without it.
        for channel in result.indices where !result[channel].mean.isFinite {
            result[channel] = channelMoments(channel, where: selection, order: order, lanes)
        }
        return result
    }

    /// All values of all channels, none left out.
    private func interleavedMoments(order: Moments.Order, _ lanes: ChannelLanes) -> [Moments] {
        let count = self.count / lanes.channels
        return lanes.withRows(5) { rows in
            let (sums, means, squares, cubes, fourths) = (rows[0], rows[1], rows[2], rows[3], rows[4])
            addUp(self, into: sums)
            let mean = (0..<lanes.channels).map { lanes.sum(sums, channel: $0) / Double(count) }
            lanes.fill(means) { mean[$0] }
            if order == .second {
                addUpSquares(self, around: means, into: squares)
            } else {
                addUpPowers(self, around: means, into: squares, cubes, fourths)
            }
            return mean.indices.map { channel in
                let (m3, m4) = (lanes.sum(cubes, channel: channel), lanes.sum(fourths, channel: channel))
                return Moments(
                    count: count, mean: mean[channel], m2: lanes.sum(squares, channel: channel),
                    higher: order == .second ? nil : Moments.Higher(m3: m3, m4: m4))
            }
        }
    }

    /// The finite, selected values of one channel.
    private func channelMoments(
        _ channel: Int, where selection: VoxelSelection.OnSlab, order: Moments.Order, _ lanes: ChannelLanes
    ) -> Moments {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: self.count / lanes.channels) { kept in
            let (count, nonfinite) = gather(
                self, channel: channel, of: lanes.channels, where: selection, into: kept)
            if count == 0 { return Moments(nonfinite: nonfinite) }
            let values = UnsafeBufferPointer(rebasing: kept[..<count])
            var moments = values.interleavedMoments(order: order, ChannelLanes(channels: 1))[0]
            moments.nonfinite = nonfinite
            return moments
        }
    }
}
