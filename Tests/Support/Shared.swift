import FoundationEssentials
import Glibc

/// Files that a checkout may have beside it; the tests are skipped where it has not.
public enum Shared {
    /// Beside the checkout, or beside the folder of a worktree.
    public static let folder = {
        let root = folder(from: #filePath, up: 3)
        return ["/../shared", "/../../shared"].map { root + $0 }.first { access($0, R_OK) == 0 } ?? root
    }()
    public static var hasScans: Bool { access(folder + "/data/catalog.json", R_OK) == 0 }
    public static var hasTorture: Bool {
        access(folder + "/torture/make_torture_small.py", R_OK) == 0 && access("/usr/bin/env", X_OK) == 0
            && run("python3", "-c", "import numpy")
    }

    public static func json<Value: Decodable>(_ type: Value.Type, _ path: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(contentsOf: URL(filePath: path)))
    }

    /// True when the command ends with status 0; its output goes nowhere.
    public static func run(_ arguments: String...) -> Bool {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
        }
        var texts: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        defer { for text in texts { free(text) } }
        var (process, status) = (pid_t(), Int32(-1))
        guard posix_spawnp(&process, arguments[0], &actions, nil, &texts, environ) == 0 else { return false }
        waitpid(process, &status, 0)
        return status == 0
    }

    private static func folder(from file: String, up count: Int) -> String {
        file.split(separator: "/", omittingEmptySubsequences: false).dropLast(count).joined(separator: "/")
    }
}

/// A number, or "nan", "inf" and "-inf" as text.
public struct SharedNumber: Decodable, Sendable {
    public let value: Double
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
            value = number
        } else {
            value = Double(try container.decode(String.self)) ?? .nan
        }
    }
}

/// Also true for NaN and NaN.
public func isClose(_ found: Double, _ expected: Double, relative: Double = 1e-6, absolute: Double = 1e-9)
    -> Bool
{
    found == expected || (found.isNaN && expected.isNaN)
        || abs(found - expected) <= absolute + relative * abs(expected)
}

/// One entry of the expected.json that the torture set brings.
public struct TortureCase: Decodable, Sendable {
    public let name, expected: String
    public let reason: String?
    public let shape: [Int]?
    public let affine: [[Double]]?
    public let orientation: String?
    public let spacing: [Double]?
    public let first, last: SharedNumber?
    public let mean: Double?
    public let nan: Int?

    /// Makes the set in a folder of its own.
    public static func all() throws -> (folder: TemporaryFolder, cases: [TortureCase]) {
        let folder = TemporaryFolder()
        _ = Shared.run("python3", Shared.folder + "/torture/make_torture_small.py", folder.path)
        return (folder, try Shared.json([TortureCase].self, folder.file("expected.json")))
    }
}
