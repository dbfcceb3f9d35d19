import MedPrepCore
import MedPrepIO

/// What goes into a case: `x`, its `mask`, and the `batches` or `train` scans that are learned from.
struct GoldenInputs {
    let members: [JSONValue.Member]
    /// Of the case: an error case without files says the shape of its zeros here.
    let parameters: [JSONValue.Member]
    let folder: ScanPath

    private static let known: Set = ["x", "mask", "batches", "train", "channel", "w", "seg"]

    /// An input that nobody reads would be a comparison of something else.
    func check() throws {
        for member in members where !Self.known.contains(member.key) {
            throw GoldenError("the walker does not know the input \"\(member.key)\"")
        }
    }

    /// The volume that the step is applied to; nil where it is applied to the batches.
    func subject() throws -> Volume? {
        if let path = self["x"]?.string { return try volume(at: path, role: .image) }
        if let zeros = parameters.first(where: { $0.key == "shape_ndhwc" })?.value.array?.compactMap(\.int) {
            return Self.volume(Tensor(try Self.shape(of: zeros)), role: .image)
        }
        return nil
    }

    func mask() throws -> Volume? { try self["mask"]?.string.map { try volume(at: $0, role: .mask) } }

    /// A weight tensor (kD, kH, kW, Cin, Cout).
    func weights() throws -> Tensor {
        guard let path = self["w"]?.string else { throw GoldenError("the case has no input w") }
        return try volume(at: path, role: .image).tensor
    }

    /// The label map of the case.
    func labels() throws -> Volume? { try self["seg"]?.string.map { try volume(at: $0, role: .label) } }

    /// The batches in order; scans of a training set are batches of one.
    func training() throws -> [Volume] {
        if let paths = self["train"]?.array?.compactMap(\.string) {
            return try paths.map { try volume(at: $0, role: .image) }
        }
        guard let path = self["batches"]?.string else { return [] }
        let array = try NPYReader.read(folder.appending(path))
        guard let count = array.sizes.first, count > 0 else { throw GoldenError("\(path) holds no batch") }
        let shape = try Self.shape(of: Array(array.sizes.dropFirst()))
        let values = array.floats
        return (0..<count).map { batch in
            let part = values[batch * shape.count..<(batch + 1) * shape.count]
            return Self.volume(Tensor(shape, Array(part)), role: .image)
        }
    }

    private subscript(key: String) -> JSONValue? { members.first { $0.key == key }?.value }

    private func volume(at path: String, role: Volume.Role) throws -> Volume {
        let file = folder.appending(path)
        guard path.hasSuffix(".npy") else {
            return try NIfTIReader(role: role).read(file).volume
        }
        let array = try NPYReader.read(file)
        // A mask has no channel axis.
        let sizes = array.sizes.count == 4 && role == .mask ? array.sizes + [1] : array.sizes
        let tensor = Tensor(try Self.shape(of: sizes), array.floats)
        guard role == .image, let channel = self["channel"]?.int else {
            return Self.volume(tensor, role: role)
        }
        var single = tensor.shape
        single.c = 1
        let values = tensor.values
        let chosen = stride(from: channel, to: values.count, by: tensor.shape.c).map { values[$0] }
        return Self.volume(Tensor(single, chosen), role: role)
    }

    /// On a grid of 1 mm, for an array says nothing of space.
    private static func volume(_ tensor: Tensor, role: Volume.Role) -> Volume {
        let extent = tensor.shape.extent
        return Volume(tensor: tensor, grid: Grid(w: extent.x, h: extent.y, d: extent.z), role: role)
    }

    private static func shape(of sizes: [Int]) throws -> Shape {
        guard sizes.count == 5, Shape.count(of: sizes) != nil else {
            throw GoldenError("a tensor has the five sizes NDHWC, found \(sizes)")
        }
        return Shape(n: sizes[0], d: sizes[1], h: sizes[2], w: sizes[3], c: sizes[4])
    }
}
