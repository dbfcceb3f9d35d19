import MedPrepKernels
import Testing

@Suite("Interleaving and non-finite values") struct InterleavingTests {
    @Test("a channel goes to its places and back, and touches no other", arguments: [1, 2, 4, 17], 0...3)
    func there(stride: Int, behind: Int) {
        let (voxels, offset) = (11, max(0, stride - 1 - behind))
        let plane = (0..<voxels).map { Float($0 + 1) }
        // The last voxel ends with the channel.
        var values = [Float](repeating: -1, count: (voxels - 1) * stride + offset + 1)
        var back = [Float](repeating: 0, count: voxels)
        values.withUnsafeMutableBufferPointer { values in
            let place = ChannelPlace(offset, of: stride)
            plane.withUnsafeBufferPointer {
                copyChannel($0, at: .plane, to: values, at: place, voxels: voxels)
            }
            back.withUnsafeMutableBufferPointer {
                copyChannel(UnsafeBufferPointer(values), at: place, to: $0, at: .plane, voxels: voxels)
            }
        }
        let expected = values.indices.map { $0 % stride == offset ? plane[$0 / stride] : -1 }
        #expect(values == expected && back == plane)
    }

    @Test("planes come side by side", arguments: 1...5)
    func planes(channels: Int) {
        let planes = (0..<channels).map { channel in (0..<37).map { Float(100 * channel + $0) } }
        let places = planes.map { plane in
            let place = UnsafeMutablePointer<Float>.allocate(capacity: 37)
            place.initialize(from: plane, count: 37)
            return place
        }
        defer { for place in places { place.deallocate() } }
        var values = [Float](repeating: -1, count: 37 * channels)
        values.withUnsafeMutableBufferPointer {
            interleave(places.map { UnsafePointer($0) }, to: $0, voxels: 37)
        }
        #expect(values == values.indices.map { Float(100 * ($0 % channels) + $0 / channels) })
    }

    @Test("counts and zeroes NaN and both infinities")
    func nonfinite() {
        var values: [Float] = [1, .nan, -.infinity, .infinity, -.nan, .greatestFiniteMagnitude, -0.0]
        let count = values.withUnsafeBufferPointer { countNonfinite($0) }
        #expect(count == 4)
        values.withUnsafeMutableBufferPointer { zeroNonfinite($0) }
        #expect(values == [1, 0, 0, 0, 0, .greatestFiniteMagnitude, 0])
    }

    @Test("quantizes to the nearest step, ends included")
    func quantizes() {
        let values: [Float] = [-1, -0.99, 0.25, 3]
        let span = values.withUnsafeBufferPointer { finiteSpan($0) }
        #expect(span == -1...3)
        var range = WholeRange()
        values.withUnsafeBufferPointer { range.add($0) }
        let quantization = Quantization(range, span: span ?? 0...0)
        var raw = [Int16](repeating: 0, count: 4)
        raw.withUnsafeMutableBytes { bytes in
            values.withUnsafeBufferPointer { quantization.encode($0, to: bytes) }
        }
        let errors = zip(raw, values).map {
            abs(Double($0) * quantization.slope + quantization.intercept - Double($1))
        }
        let largest = values.withUnsafeBufferPointer { quantization.largestError($0) }
        #expect(errors.max() == largest && largest <= quantization.slope / 2)
    }
}
