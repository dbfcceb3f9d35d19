import MedPrepCore

/// One loop of the library, by name, with what it needs to run on a cube of voxels.
struct Kernel: Sendable {
    let name: String
    /// The longest edge it is run on; nil: any.
    var longestEdge: Int?
    /// Makes the input and hands over the loop: outside the clock.
    let prepare: Preparation

    typealias Preparation = @Sendable (_ scan: Scan) throws -> () throws -> Void

    init(_ name: String, longestEdge: Int? = nil, prepare: @escaping Preparation) {
        (self.name, self.longestEdge, self.prepare) = (name, longestEdge, prepare)
    }

    /// What every time stands beside: one copy of the cube.
    static let copy = Kernel("memcpy") { scan in
        let source = scan.tensor
        var target = scan.tensor
        target.withUnsafeMutableValues { $0.update(repeating: 0) }
        return {
            source.withUnsafeValues { from in
                target.withUnsafeMutableValues { to in
                    UnsafeMutableRawBufferPointer(to).copyMemory(from: UnsafeRawBufferPointer(from))
                }
            }
        }
    }

    static let all = pointwise + statistics + spatial + codec
}

/// Where callgrind begins and ends to count (see the script `gate`), so the name must stay in the program.
@inline(never)
func measuredCall(_ body: () throws -> Void) rethrows { try body() }
