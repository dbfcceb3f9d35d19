import CMedPrepNIfTI
import MedPrepCore

extension HeaderText {
    /// The texts of the header that `bytes` begin with, 348 or 540 of them; empty for fewer.
    init(header bytes: UnsafeRawBufferPointer) {
        self.init()
        if let header = nifti_2_header(bytes: bytes, swapped: false) {
            (descrip, auxFile) = (Self.text(header.descrip), Self.text(header.aux_file))
            intentName = Self.text(header.intent_name)
        } else if let header = nifti_1_header(bytes: bytes, swapped: false) {
            (descrip, auxFile) = (Self.text(header.descrip), Self.text(header.aux_file))
            (intentName, dbName) = (Self.text(header.intent_name), Self.text(header.db_name))
        }
    }

    /// What stands behind a NUL is left-over memory, and no text.
    private static func text<Tuple: BitwiseCopyable>(_ field: Tuple) -> [UInt8] {
        Array(elements(field, UInt8.self).prefix { $0 != 0 })
    }

    /// The four bytes behind the header, and the extensions.
    var extensionBytes: [UInt8] {
        [extensions.isEmpty ? 0 : 1, 0, 0, 0] + extensions.flatMap(Self.bytes)
    }

    /// Length and code in this machine's byte order; the whole is a multiple of 16.
    private static func bytes(of one: Extension) -> [UInt8] {
        let padding = (16 - (one.content.count + 8) % 16) % 16
        let start = [one.content.count + 8 + padding, one.code].flatMap { number in
            withUnsafeBytes(of: Int32(clamping: number)) { Array($0) }
        }
        return start + one.content + Array(repeating: 0, count: padding)
    }
}
