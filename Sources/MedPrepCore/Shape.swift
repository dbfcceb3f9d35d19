/// The five sizes of a tensor: samples, depth, height, width, channels.
///
/// Offsets run `(((n·D + d)·H + h)·W + w)·C + c`: channels are fastest, samples slowest.
public struct Shape: Hashable, Sendable {
    public var n: Int
    public var d: Int
    public var h: Int
    public var w: Int
    public var c: Int

    public init(n: Int = 1, d: Int, h: Int, w: Int, c: Int = 1) {
        (self.n, self.d, self.h, self.w, self.c) = (n, d, h, w, c)
    }

    /// Samples and channels of a tensor that fills `extent`, a (w, h, d) triplet.
    public init(n: Int = 1, extent: SIMD3<Int>, c: Int = 1) {
        self.init(n: n, d: extent.z, h: extent.y, w: extent.x, c: c)
    }

    /// (w, h, d): the order of voxel indices (i, j, k).
    public var extent: SIMD3<Int> { SIMD3(w, h, d) }
    /// Voxels of one sample, D·H·W.
    public var voxelCount: Int { d * h * w }
    /// Values of one sample, D·H·W·C.
    public var sampleCount: Int { voxelCount * c }
    /// Values in all, N·D·H·W·C.
    public var count: Int { n * sampleCount }

    /// (n, d, h, w, c), as reports print it.
    public var sizes: [Int] { [n, d, h, w, c] }

    /// The number of values, or nil where a size is below 1 or the product does not fit `Int`.
    public static func count(of sizes: [Int]) -> Int? {
        var product = 1
        for size in sizes {
            let (next, overflow) = product.multipliedReportingOverflow(by: size)
            guard size >= 1, !overflow else { return nil }
            product = next
        }
        return product
    }

    public func offset(n: Int = 0, d: Int, h: Int, w: Int, c: Int = 0) -> Int {
        (((n * self.d + d) * self.h + h) * self.w + w) * self.c + c
    }
}

extension Shape: CustomStringConvertible {
    public var description: String { "\(n)x\(d)x\(h)x\(w)x\(c)" }
}
