/// The texts and extensions of a NIfTI header. They may name a person: they go along only where the pipeline keeps them.
public struct HeaderText: Hashable, Sendable {
    /// NIfTI's descrip, aux_file, intent_name and db_name, each up to its first NUL.
    public var descrip: [UInt8]
    public var auxFile: [UInt8]
    public var intentName: [UInt8]
    /// NIfTI-2 has none.
    public var dbName: [UInt8]
    public var extensions: [Extension]

    public struct Extension: Hashable, Sendable {
        /// NIfTI's ecode: 4 AFNI, 6 comment, 44 MRS …
        public var code: Int
        public var content: [UInt8]

        public init(code: Int, content: [UInt8]) { (self.code, self.content) = (code, content) }
    }

    public init(
        descrip: [UInt8] = [], auxFile: [UInt8] = [], intentName: [UInt8] = [], dbName: [UInt8] = [],
        extensions: [Extension] = []
    ) {
        (self.descrip, self.auxFile, self.intentName) = (descrip, auxFile, intentName)
        (self.dbName, self.extensions) = (dbName, extensions)
    }
}
