internal import ArgumentParser
internal import Glibc

/// Messages and progress go to stderr; stdout carries data only.
enum Terminal {
    static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 }

    static var width: Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20 ? Int(size.ws_col) : 80
    }

    static func message(_ text: String, terminator: String = "\n") {
        let bytes = Array((text + terminator).utf8)
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR { return }
            start += max(0, count)
        }
    }

    /// What was printed is only now on its way: a full disk must not pass for success.
    static func finishOutput() throws {
        guard fflush(nil) != 0 else { return }
        message("medprep: cannot write the output: \(String(cString: strerror(errno)))")
        throw ExitCode(73)
    }

    /// As a shell reads it back; what would steer a terminal shows as an escape of `$'…'`.
    static func quoted(_ word: String) -> String {
        if word.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            let letters = word.unicodeScalars.map { scalar -> String in
                if scalar == "'" || scalar == "\\" { return "\\" + String(scalar) }
                guard scalar.properties.generalCategory == .control else { return String(scalar) }
                return String(scalar).utf8.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }
                    .joined()
            }
            return "$'" + letters.joined() + "'"
        }
        let plain = word.utf8.allSatisfy { byte in
            (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)
                || "_-./=+:,@%".utf8.contains(byte)
        }
        return plain && !word.isEmpty
            ? word
            : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
                + "'"
    }
}
