internal import Crypto
internal import MedPrepIO

/// The key of hashed names: 32 random bytes in `.medprep/names.key`, as hex digits, for its owner's eyes only.
struct NamesKey: Sendable {
    private static let path: ScanPath = ScanPath(".medprep/names.key")

    let isNew: Bool
    private let bytes: [UInt8]

    /// The key of an output folder, or a new one that is not on disk yet.
    init(of output: ScanPath) throws(RunError) {
        if let bytes = try Self.read(output) {
            (self.bytes, isNew) = (bytes, false)
        } else {
            // The system's generator for secrets.
            (bytes, isNew) = ((0..<32).map { _ in UInt8.random(in: 0...255) }, true)
        }
    }

    func hash(_ text: [UInt8]) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: text, using: SymmetricKey(data: bytes))
        return Self.hex(code.prefix(8))
    }

    /// Another run may have been quicker: then its key stays.
    func keep(in output: ScanPath) throws(RunError) {
        guard isNew else { return }
        let path = output.appending(Self.path)
        do throws(FileError) {
            if try writeSecret(Self.hex(bytes) + "\n", to: path) { return }
        } catch {
            throw .cannotWrite("\(path): \(error)")
        }
        guard try Self.read(output) == bytes else {
            throw .locked("\(path): another run has made this key just now; run again")
        }
    }

    /// nil where there is none.
    private static func read(_ output: ScanPath) throws(RunError) -> [UInt8]? {
        let path = output.appending(Self.path)
        let text: [UInt8]
        do throws(FileError) { text = try readWhole(path, limit: 4096) } catch {
            if error.isMissing { return nil }
            throw .namesKey(path: path.description, reason: "cannot be read: \(error)")
        }
        let digits = String(decoding: text, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard digits.count == 1, digits[0].utf8.count == 64, let bytes = bytes(hex: digits[0]) else {
            throw .namesKey(path: path.description, reason: "is not a key of 64 hex digits")
        }
        return bytes
    }

    private static func bytes(hex digits: Substring) -> [UInt8]? {
        let values = digits.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard values.allSatisfy({ $0 != nil }) else { return nil }
        return stride(from: 0, to: values.count, by: 2).map {
            UInt8(truncatingIfNeeded: (values[$0] ?? 0) << 4 | (values[$0 + 1] ?? 0))
        }
    }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
