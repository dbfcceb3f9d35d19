import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

/// What reads the numbers of a file as they are gives the bits that their Floats would give.
@Suite("Stored numbers") struct StoredNumbersTests {
    static let types: [ElementType] = [.uint8, .int8, .uint16, .int16]

    /// The same values as Floats and as stored numbers, with a border of zeros.
    private func pair(_ type: ElementType, channels: Int) -> (floats: Tensor, stored: Tensor) {
        let shape = Shape(d: 21, h: 75, w: 83, c: channels)
        var numbers = Tensor.random(shape, seed: 8, mean: type == .uint8 ? 120 : 20, spread: 30)
        numbers.withUnsafeMutableValues { values in
            let range = type.integerRange ?? 0...0
            for i in values.indices {
                let (rest, w) = (i / channels / shape.w, i / channels % shape.w)
                let isInside = w > 4 && w < 71 && rest % shape.h > 2 && rest / shape.h > 1
                values[i] = isInside ? min(max(values[i].rounded(), Float(range.lowerBound)), 127) : 0
            }
        }
        let floats = numbers
        let stored = Tensor(shape, storing: type) { bytes in
            floats.withUnsafeValues { values in
                for (i, value) in values.enumerated() {
                    switch type {
                    case .uint8: bytes.storeBytes(of: UInt8(value), toByteOffset: i, as: UInt8.self)
                    case .int8: bytes.storeBytes(of: Int8(value), toByteOffset: i, as: Int8.self)
                    case .uint16:
                        bytes.storeBytes(of: UInt16(max(value, 0)), toByteOffset: 2 * i, as: UInt16.self)
                    default: bytes.storeBytes(of: Int16(value), toByteOffset: 2 * i, as: Int16.self)
                    }
                }
            }
        }
        return (floats, stored)
    }

    private static let turn = Affine(rows: [[0, 0, -1, 80], [1, 0, 0, 3], [0, 1, 0, 1]])
    private static let mirror = Affine(scale: SIMD3(-1, 1, -1), origin: SIMD3(82, 0, 20))
    private static let shrink = Affine(scale: SIMD3(1.3, 1.1, 1.5), origin: SIMD3(0.2, 0.1, 0.3))

    @Test("the box of the foreground", arguments: types)
    func box(type: ElementType) {
        for channels in [1, 3] {
            let (floats, stored) = pair(type, channels: channels)
            for rule in [ForegroundRule.nonzero, .above(0), .above(25)] {
                #expect(floats.boundingBox(of: rule, .one) == stored.boundingBox(of: rule, Workers(2)))
            }
            let one = stored.boundingBox(of: .nonzero, channels: [channels - 1], .one)
            #expect(floats.boundingBox(of: .nonzero, channels: [channels - 1], .one) == one)
            #expect(stored.isStored)
        }
    }

    @Test(
        "moved: turned, mirrored, cropped, padded, between voxels, with a view and without", arguments: types)
    func moved(type: ElementType) {
        let maps = [
            (Self.turn, SIMD3(70, 20, 60)), (Self.mirror, SIMD3(83, 75, 21)),
            (Self.shrink, SIMD3(60, 66, 13)),
            (Affine(scale: SIMD3(1, 1, 1), origin: SIMD3(5, 3, 2)), SIMD3(66, 72, 19)),
            (Affine(scale: SIMD3(1, 1, 1), origin: SIMD3(-5, 3, -2)), SIMD3(90, 72, 30)),
        ]
        for channels in [1, 2, 4] {
            let (floats, stored) = pair(type, channels: channels)
            for (map, extent) in maps {
                for interpolation in [Interpolation.nearest, .linear, .bspline3] {
                    let sampling = Sampling(interpolation, fill: -3)
                    // Neither hands its only reference over, so both make a copy.
                    let wanted = resample(floats, map: map, to: extent, sampling: sampling, workers: .one)
                    let copy = pair(type, channels: channels).stored
                    let found = resample(copy, map: map, to: extent, sampling: sampling, workers: Workers(2))
                    #expect(found.values == wanted.values, "\(interpolation) \(map)")
                }
            }
            let view = View(map: Self.turn, extent: SIMD3(70, 20, 60))
            let within = Affine(scale: SIMD3(1.2, 1.1, 1.4), origin: SIMD3(0.2, 0.1, 0.3))
            for nonfinite in [Nonfinite.error, .ignore] {
                let found = [floats, stored].map {
                    resample(
                        $0, through: view, map: within, to: SIMD3(57, 18, 40), sampling: Sampling(.linear),
                        nonfinite: nonfinite, workers: .one
                    ).values
                }
                #expect(found[0] == found[1])
            }
        }
    }

    @Test("what linear resampling reads stays as it is stored", arguments: [1, 4])
    func stays(channels: Int) {
        let stored = pair(.int16, channels: channels).stored
        let extent = SIMD3(60, 66, 13)
        _ = resample(stored, map: Self.shrink, to: extent, sampling: Sampling(.linear), workers: .one)
        _ = resample(stored, map: Self.turn, to: extent, sampling: Sampling(.nearest), workers: .one)
        #expect(stored.isStored)
    }

    @Test("labels that vote and nnU-Net's zoom, as they are stored", arguments: types)
    func votes(type: ElementType) {
        var samplings = [Sampling(.linear), Sampling(.linear), Sampling(.bspline3), Sampling(.bspline3)]
        (samplings[0].tiebreak, samplings[1].tiebreak) = (.lowest, .nearest)
        samplings[1].zoom = Sampling.Zoom(order: .linear, apart: nil)
        samplings[2].zoom = Sampling.Zoom(order: .cubic, apart: nil)
        samplings[3].zoom = Sampling.Zoom(order: .cubic, apart: Sampling.Apart(axis: 2, order: .nearest))
        let oblique = Affine(rows: [[0.9, 0.1, 0, 2], [-0.1, 0.9, 0.05, 4], [0, -0.05, 1.1, 1]])
        for channels in [1, 2] {
            let (floats, stored) = pair(type, channels: channels)
            #expect(floats.extremes(.one) == stored.extremes(Workers(2)))
            for (index, sampling) in samplings.enumerated() {
                for map in index == 0 ? [Self.shrink, oblique] : [Self.shrink] {
                    let found = [floats, stored].map {
                        resample($0, map: map, to: SIMD3(60, 66, 13), sampling: sampling, workers: Workers(2))
                            .values
                    }
                    #expect(found[0] == found[1], "\(index)")
                }
            }
            #expect(stored.isStored)
        }
    }

    @Test("a box in place", arguments: types)
    func cropped(type: ElementType) {
        let map = Affine(scale: SIMD3(1, 1, 1), origin: SIMD3(5, 3, 2))
        for channels in [1, 4] {
            func result(_ tensor: consuming Tensor) -> Tensor {
                resample(
                    consume tensor, map: map, to: SIMD3(66, 72, 19), sampling: Sampling(.nearest),
                    workers: .one)
            }
            let found = result(pair(type, channels: channels).stored)
            #expect(found.isStored)
            #expect(found.values == result(pair(type, channels: channels).floats).values)
        }
    }

    @Test("channels side by side", arguments: types, [2, 3, 4])
    func interleaved(type: ElementType, channels: Int) {
        let (voxels, size) = (37, type.size)
        let planes = (0..<channels).map { c in
            (0..<voxels * size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ c &* 50) }
        }
        var target = [UInt8](repeating: 0, count: channels * voxels * size)
        let memory = planes.map { plane in
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: plane.count, alignment: 8)
            copy.copyBytes(from: plane)
            return copy
        }
        defer { for plane in memory { plane.deallocate() } }
        target.withUnsafeMutableBytes {
            interleave(memory.map { UnsafeRawBufferPointer($0) }, of: type, to: $0, voxels: voxels)
        }
        for voxel in 0..<voxels {
            for c in 0..<channels {
                for byte in 0..<size {
                    #expect(target[(voxel * channels + c) * size + byte] == planes[c][voxel * size + byte])
                }
            }
        }
    }
}
