import Glibc

/// Whether the tests run under a sanitizer, which Tests/Sanitizers/run says. Its shadow memory is terabytes of address
/// space, it must be loaded before all else and its checks take their time, so limits of memory and what is loaded
/// before the program cannot hold then.
public enum Sanitizer {
    public static let isOn = getenv("MEDPREP_SANITIZER") != nil

    /// What a program that is started must know of it, each `NAME=value`.
    public static let options = names.compactMap { name in
        getenv(name).map { "\(name)=\(String(cString: $0))" }
    }

    private static let names = ["ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "SWIFT_BACKTRACE"]
}
