public import MedPrepCore

/// Why a gzip stream (RFC 1952) cannot be trusted. The caller adds the path.
public enum GzipError: RefusalError, Equatable {
    /// The file ends inside a member.
    case truncated(fileSize: Int, decoded: Int)
    /// CRC-32 or length in a member's trailer is not that of its content.
    case checksum(decoded: Int)
    case damaged(Damage, decoded: Int)
    /// Bytes behind the last member that are neither zero nor another member.
    case trailing(count: Int)

    public enum Damage: String, Sendable {
        case header = "a member's header is not that of gzip"
        case method = "the compression method is not deflate"
        case block = "a block has an unknown type or impossible lengths"
        case symbol = "a code stands for nothing"
        case distance = "a copy reaches before the beginning"
    }

    public var refusal: Refusal { .badGzip }
}

extension GzipError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated(let size, let decoded):
            "the gzip stream breaks off at the end of the file (\(size) bytes, \(decoded) after decoding); "
                + "fetch the file again"
        case .checksum(let decoded):
            "the CRC-32 or length stored in the gzip stream is not that of its content (\(decoded) bytes "
                + "decoded): the file was damaged after it was written; fetch it again"
        case .damaged(let damage, let decoded):
            "the gzip stream is damaged after \(decoded) decoded bytes: \(damage.rawValue); fetch the file again"
        case .trailing(let count):
            "\(count) bytes that are not gzip stand behind the gzip stream; fetch the file again, or cut them off"
        }
    }
}
