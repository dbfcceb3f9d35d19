import Glibc
import MedPrepIO
import MedPrepTestSupport

/// The built program, run as a shell runs it.
struct Program {
    /// What a run of the program left.
    struct Result {
        /// The exit status; 128 and the number for a signal.
        let status: Int32
        let output: String
        let errors: String
        /// The most memory that it was seen to hold, in bytes.
        let peakMemory: Int
    }

    /// A program on its way.
    final class Process {
        let id: pid_t
        private let folder: TemporaryFolder

        fileprivate init(id: pid_t, folder: TemporaryFolder) { (self.id, self.folder) = (id, folder) }

        /// What it has said so far on stderr.
        var errors: String { String(decoding: folder.read("stderr"), as: UTF8.self) }

        /// The peak so far, VmHWM.
        private var memoryInUse: Int {
            guard let bytes = try? readWhole(ScanPath("/proc/\(id)/status")) else { return 0 }
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
            let line = lines.first { $0.hasPrefix("VmHWM:") }?.split(whereSeparator: { " \t".contains($0) })
            return (line.flatMap { $0.count > 1 ? Int($0[1]) : nil } ?? 0) << 10
        }

        func wait() -> Result {
            var status: Int32 = 0
            // What the kernel tells at the end counts the memory of these tests, from which it was started.
            var peakMemory = 0
            while true {
                let ended = waitpid(id, &status, WNOHANG)
                if ended > 0 || ended < 0 && errno != EINTR { break }
                peakMemory = max(peakMemory, memoryInUse)
                usleep(2000)
            }
            let signal = status & 0x7f
            return Result(
                status: signal == 0 ? status >> 8 & 0xff : 128 + signal,
                output: String(decoding: folder.read("stdout"), as: UTF8.self), errors: errors,
                peakMemory: peakMemory)
        }
    }

    /// Where the program runs: what relative paths mean to it.
    var directory = "."
    /// What is run: the built medprep, or another program by its name on the path.
    var executable = Self.path
    /// More of the environment, each `NAME=value`.
    var environment: [String] = []

    func callAsFunction(_ arguments: String...) -> Result { start(arguments).wait() }

    func callAsFunction(_ arguments: [String]) -> Result { start(arguments).wait() }

    func start(_ arguments: [String]) -> Process {
        let folder = TemporaryFolder()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (descriptor, name) in [(STDOUT_FILENO, "stdout"), (STDERR_FILENO, "stderr")] {
            posix_spawn_file_actions_addopen(
                &actions, descriptor, folder.file(name), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        var id: pid_t = 0
        // The shell changes the folder and becomes the program, under the same number.
        let words = Self.list(["sh", "-c", #"cd "$0" && exec "$@""#, directory, executable] + arguments)
        let environment = Self.list(
            ["PATH=\(Self.searchPath)", "LC_ALL=C"] + Sanitizer.options + self.environment)
        defer { for word in words + environment { free(word) } }
        let failure = posix_spawn(&id, "/bin/sh", &actions, nil, words, environment)
        precondition(failure == 0, "cannot run \(executable): \(String(cString: strerror(failure)))")
        return Process(id: id, folder: folder)
    }

    private static func list(_ words: [String]) -> [UnsafeMutablePointer<CChar>?] {
        words.map { strdup($0) } + [nil]
    }

    private static let searchPath = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"

    /// Beside the test bundle, which is what runs now.
    static let path: String = {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let folder = own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
            separator: "/")
        return folder + "/medprep"
    }()
}
