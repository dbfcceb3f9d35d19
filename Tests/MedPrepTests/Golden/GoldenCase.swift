import MedPrepCore
import MedPrepIO

/// One entry of `index.json` (SEMANTICS 11): a step, what goes in, and what a peer library made of it.
struct GoldenCase {
    let id: String
    /// The step's name in JSON; also of steps and functions that the library does not offer.
    let operation: String
    let parameters: [JSONValue.Member]
    let inputs: GoldenInputs
    let tolerance: GoldenTolerance
    /// How far the peer lies from its own formula in Double, by output name; peers sum in Float32.
    let peerErrors: [String: Double]
    /// What the peer made, by output name; in the order of the index.
    let expected: [(name: String, values: GoldenValues)]
    let geometry: GoldenGeometry?
    /// The code of the error that the step must end with.
    let errorCode: String?
    /// True for the voxels of `y` that are exact ties between neighbours; nil: every voxel counts.
    let ignored: [Bool]?

    init(_ json: JSONValue, folder: ScanPath) throws {
        guard let id = json["id"]?.string, let operation = json["op"]?.string,
            let parameters = json["params"]?.members, let inputs = json["inputs"]?.members
        else { throw GoldenError("a case needs id, op, params and inputs, found \(json.line.prefix(200))") }
        guard let absolute = json["tolerance"]?["abs"]?.double,
            let relative = json["tolerance"]?["rel"]?.double
        else { throw GoldenError("its tolerance needs abs and rel") }
        (self.id, self.operation, self.parameters) = (id, operation, parameters)
        self.inputs = GoldenInputs(members: inputs, parameters: parameters, folder: folder)
        tolerance = GoldenTolerance(absolute: absolute, relative: relative)
        peerErrors = (json["formula_max_abs_err"]?.members ?? []).reduce(into: [:]) { errors, member in
            errors[member.key] = member.value.double
        }
        expected = try (json["expected"]?.members ?? []).map { member in
            (member.key, try GoldenValues(member.value, folder: folder))
        }
        geometry = try json["expected_geometry"].map { try GoldenGeometry($0) }
        errorCode = json["expected_error"]?["code"]?.string
        ignored = try json["ignore"].map { ignore in
            try GoldenValues(ignore, folder: folder).numbers.map { $0 != 0 }
        }
        guard !expected.isEmpty || geometry != nil || errorCode != nil else {
            throw GoldenError("it expects nothing")
        }
    }
}
