import Glibc

/// The checked-out repository that these tests were compiled from.
public enum Repository {
    /// Its folder, without a slash at the end.
    public static let folder: String = {
        let file = Array(#filePath)
        let slashes = file.indices.filter { file[$0] == "/" }
        // Tests/Support/Repository.swift: three names down.
        return String(file[..<slashes[slashes.count - 3]])
    }()

    /// The text of one of its files; empty where there is none.
    public static func text(_ name: String) -> String {
        guard let stream = fopen("\(folder)/\(name)", "rb") else { return "" }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&part, 1, part.count, stream), count > 0 { bytes += part[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Repository {
    /// The names in one of its folders, sorted by bytes.
    public static func entries(_ name: String) -> [String] {
        guard let opened = opendir("\(folder)/\(name)") else { return [] }
        defer { closedir(opened) }
        var names: [String] = []
        while let entry = readdir(opened) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}

/// The fenced code of a Markdown text.
public struct CodeBlock: Sendable {
    /// What follows the opening fence: "sh", "swift", "json"; empty for output.
    public let language: String
    public let text: String

    public static func all(in markdown: String) -> [CodeBlock] {
        var blocks = [CodeBlock]()
        var (language, lines) = (String?.none, [Substring]())
        for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                if let open = language {
                    blocks.append(CodeBlock(language: open, text: lines.map { $0 + "\n" }.joined()))
                    language = nil
                } else {
                    (language, lines) = (String(line.dropFirst(3)), [])
                }
            } else if language != nil {
                lines.append(line)
            }
        }
        return blocks
    }
}
