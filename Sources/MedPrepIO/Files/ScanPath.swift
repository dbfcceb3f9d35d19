/// The path of a file or folder, byte for byte as the system gave it: a name on disk need not be UTF-8.
///
/// Paths are ordered by their bytes, so a folder is worked through in the same order everywhere.
public struct ScanPath: Hashable, Sendable {
    public let bytes: [UInt8]

    public init(bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
    public init(_ text: String) { self.init(bytes: text.utf8) }

    public var isEmpty: Bool { bytes.isEmpty }
    public var isAbsolute: Bool { bytes.first == Self.slash }

    /// The last folder or file name; empty for `/` and for an empty path.
    public var name: ScanPath {
        let trimmed = trimmedBytes
        return ScanPath(bytes: trimmed[(trimmed.lastIndex(of: Self.slash).map { $0 + 1 } ?? 0)...])
    }

    /// The folder that holds it: `.` for a bare name, `/` for what lies at the root.
    public var folder: ScanPath {
        let trimmed = trimmedBytes
        guard let last = trimmed.lastIndex(of: Self.slash) else {
            return ScanPath(trimmed.isEmpty && isAbsolute ? "/" : ".")
        }
        let above = ScanPath(bytes: trimmed[..<last]).trimmedBytes
        return above.isEmpty ? ScanPath("/") : ScanPath(bytes: above)
    }

    /// `path` seen from here; an absolute path stays what it is.
    public func appending(_ path: ScanPath) -> ScanPath {
        if path.isAbsolute || isEmpty { return path }
        if path.isEmpty { return self }
        return ScanPath(
            bytes: bytes.last == Self.slash ? bytes + path.bytes : bytes + [Self.slash] + path.bytes)
    }

    public func appending(_ text: String) -> ScanPath { appending(ScanPath(text)) }

    /// The rest of the path below `folder`, by its letters; nil where it does not begin with it.
    public func relative(to folder: ScanPath) -> ScanPath? {
        if folder.isEmpty { return isAbsolute ? nil : self }
        let stem = folder.bytes.last == Self.slash ? folder.bytes : folder.bytes + [Self.slash]
        return bytes.starts(with: stem) ? ScanPath(bytes: bytes[stem.count...]) : nil
    }

    /// Precondition: `suffix` is lower-case ASCII. The path's own letters may be of any case.
    public func hasSuffix(_ suffix: String) -> Bool {
        bytes.count >= suffix.utf8.count
            && zip(bytes.suffix(suffix.utf8.count), suffix.utf8).allSatisfy { Self.lowercased($0) == $1 }
    }

    /// The ending by which a scan is known, in lower case: `.nii.gz`, `.nii`, `.hdr.gz`, `.hdr`, `.img.gz`, `.img`.
    /// A file that is nothing but the ending has none.
    public var scanExtension: String? {
        [".nii.gz", ".nii", ".hdr.gz", ".hdr", ".img.gz", ".img"].first {
            hasSuffix($0) && name.bytes.count > $0.utf8.count
        }
    }

    /// The path without its `scanExtension`.
    public var withoutScanExtension: ScanPath {
        ScanPath(bytes: bytes.dropLast(scanExtension?.utf8.count ?? 0))
    }

    /// The same path with something behind its last letter: `a/b` and `.npy` give `a/b.npy`.
    public func adding(suffix: String) -> ScanPath { ScanPath(bytes: bytes + suffix.utf8) }

    /// A C string for a system call. A path with a NUL byte becomes the empty path, which no file has: cut at the
    /// NUL it would name another file.
    package func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        let terminated = (bytes.contains(0) ? [] : bytes.map { CChar(bitPattern: $0) }) + [0]
        return terminated.withUnsafeBufferPointer { body($0.baseAddress!) }
    }

    private static let slash = UInt8(ascii: "/")

    private var trimmedBytes: ArraySlice<UInt8> {
        var trimmed = bytes[...]
        while trimmed.last == Self.slash { trimmed.removeLast() }
        return trimmed
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}

extension ScanPath: Comparable {
    public static func < (left: ScanPath, right: ScanPath) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension ScanPath: CustomStringConvertible {
    /// Valid UTF-8 on one line, and another text for every path: a backslash is doubled; control characters, line
    /// ends and marks that reorder text show as `\u{1b}`; bytes that are not UTF-8 as `\xff`.
    public var description: String {
        var text = ""
        var (parser, rest, at) = (Unicode.UTF8.ForwardParser(), bytes.makeIterator(), 0)
        while true {
            switch parser.parseScalar(from: &rest) {
            case .emptyInput: return text
            case .valid(let encoded):
                text += Self.shown(Unicode.UTF8.decode(encoded))
                at += encoded.count
            case .error(let length):
                for byte in bytes[at..<at + length] { text += "\\x" + String(byte, radix: 16) }
                at += length
            }
        }
    }

    private static func shown(_ scalar: Unicode.Scalar) -> String {
        if scalar == "\\" { return "\\\\" }
        let hidden =
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: true
            default: scalar.properties.isBidiControl
            }
        return hidden ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }
}
