import Glibc
import MedPrep
import MedPrepCore
import MedPrepIO

/// A folder of values made with peer libraries: `index.json`, `inputs`, `expected`.
struct GoldenIndex {
    let folder: String
    let cases: [GoldenCase]

    /// The folder of the environment variable MEDPREP_GOLDEN, else the project's own.
    init() throws {
        let own = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/Golden"
        folder = getenv("MEDPREP_GOLDEN").map { String(cString: $0) } ?? own
        let json = try JSONReader.read(readWhole(ScanPath(folder + "/index.json"))).value
        cases = (json["cases"]?.array ?? []).map { GoldenCase(json: $0) }
    }

    func path(_ name: String) -> ScanPath { ScanPath("\(folder)/\(name)") }
}

/// One entry of the index.
struct GoldenCase {
    let id: String
    let operation: String
    let params: JSONValue
    let inputs: JSONValue
    let expected: [JSONValue.Member]
    let geometry: JSONValue?
    let errorCode: String?
    /// A file of voxels that are ties of nearest neighbours.
    let ignored: String?
    private let absolute: Double
    private let relative: Double

    init(json: JSONValue) {
        id = json["id"]?.string ?? "?"
        operation = json["op"]?.string ?? "?"
        params = json["params"] ?? [:]
        inputs = json["inputs"] ?? [:]
        expected = json["expected"]?.members ?? []
        geometry = json["expected_geometry"]
        errorCode = json["expected_error"]?["code"]?.string
        ignored = json["ignore"]?["file"]?.string
        absolute = json["tolerance"]?["abs"]?.double ?? 0
        relative = json["tolerance"]?["rel"]?.double ?? 0
    }

    func admits(_ got: Double, _ want: Double) -> Bool {
        got == want || abs(got - want) <= absolute + relative * abs(want)
    }

    var tolerance: String { "\(absolute) + \(relative)·|want|" }

    /// The parameters of the step: what only goldens say is left out.
    func stepParameters(without keys: Set<String> = []) -> [JSONValue.Member] {
        let own: Set<String> = ["fit_on", "steps", "method", "shape_ndhwc"]
        return (params.members ?? []).filter { !own.contains($0.key) && !keys.contains($0.key) }
    }
}
