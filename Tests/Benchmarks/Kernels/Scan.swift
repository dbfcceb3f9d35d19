import MedPrepCore

/// A cube of voxels that packs and spreads like a scan: a smooth body, 0 around it, noise in the low bits.
struct Scan {
    let edge: Int
    /// The voxels as stored: 12 bits.
    let stored: [Int16]
    let tensor: Tensor
    /// The same, as a reader leaves them.
    let numbers: Tensor

    var shape: Shape { Shape(d: edge, h: edge, w: edge) }

    init(edge: Int) {
        var random = SeededGenerator(seed: 20_261_121)
        let half = Double(edge) / 2
        let stored = [Int16](unsafeUninitializedCapacity: edge * edge * edge) { values, count in
            for k in 0..<edge {
                for j in 0..<edge {
                    let (y, z) = ((Double(j) - half) / half, (Double(k) - half) / half)
                    for i in 0..<edge {
                        let x = (Double(i) - half) / half
                        let inside = 0.8 - (x * x + y * y + z * z)
                        let noise = Int(truncatingIfNeeded: random.next() >> 58)
                        values[count] = inside > 0 ? Int16(1 + noise + Int(inside * 3000)) : 0
                        count += 1
                    }
                }
            }
        }
        self.edge = edge
        self.stored = stored
        tensor = Tensor(Shape(d: edge, h: edge, w: edge)) { values in
            for index in values.indices { values[index] = Float(stored[index]) }
        }
        numbers = Tensor(tensor.shape, storing: .int16) { bytes in
            stored.withUnsafeBytes { bytes.copyMemory(from: $0) }
        }
    }
}
