import Glibc

/// Whether the tests run under a sanitizer, which Tests/Sanitizers/run says. Its shadow memory is terabytes of address
/// space and its checks take their time, so limits of memory and time cannot hold then.
public enum Sanitizer {
    public static let isOn = getenv("MEDPREP_SANITIZER") != nil
}
