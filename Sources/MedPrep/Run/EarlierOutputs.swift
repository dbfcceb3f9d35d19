internal import MedPrepCore
internal import MedPrepIO

/// Files that no case may take away, whatever an old sidecar says of them.
struct KeptFiles: Sendable {
    private let inputs: Set<FileIdentity>
    private let outputs: Set<ScanPath>

    init(_ cases: [PlannedCase]) {
        inputs = Set(
            cases.flatMap { planned in planned.files.compactMap { FileStatus($0.path)?.identity } })
        outputs = Set(cases.flatMap { $0.outputs.map(\.path) + [$0.sidecar] })
    }

    func contains(_ path: ScanPath, _ status: FileStatus) -> Bool {
        outputs.contains(path) || inputs.contains(status.identity)
    }
}

/// What an earlier run wrote for a case under names that are no longer its own, say `a.npy` before the format
/// became `nii.gz`. Beside the new outputs it would pass for a result of today's settings.
struct EarlierOutputs {
    /// Below the output folder.
    let paths: [ScanPath]
    /// The earlier run used a name of today's too, so that today's first output breaks the earlier set.
    let isOverwritten: Bool

    /// From the case's sidecar as it lies on disk, which a hostile hand may have written: only regular files whose
    /// names begin as the case's do, and which hold what the sidecar says, count. A disk that does not tell is an
    /// error: with the sidecar, which alone knows the names, they would be forgotten.
    init(
        of planned: PlannedCase, by sidecar: JSONValue, in folder: ScanPath, keeping kept: KeptFiles
    ) throws(FileError) {
        let told = Sidecar.outputs(of: sidecar) ?? []
        let names = Set(planned.outputs.map(\.path))
        let earlier = told.compactMap { output in
            Self.path(output.path, of: planned).map { (path: $0, output: output) }
        }
        isOverwritten = earlier.contains { names.contains($0.path) }
        var paths = [ScanPath]()
        for (path, output) in earlier {
            let file = folder.appending(path)
            guard let status = try FileStatus.output(file), status.kind == .regular,
                status.size == output.size, !kept.contains(path, status)
            else { continue }
            do throws(ByteReaderError) {
                if try decodedCRC32(of: file) == output.crc32 { paths.append(path) }
            } catch {
                if case .file(.failed(_, _, let errno)) = error {
                    throw .failed(.read, .output, errno: errno)
                }
            }
        }
        self.paths = paths
    }

    /// `<stem>.<format>` or `<stem>_<name>.<format>`; nil for any other.
    private static func path(_ text: String, of planned: PlannedCase) -> ScanPath? {
        guard text.utf8.starts(with: planned.name.utf8) else { return nil }
        let rest = Array(text.utf8.dropFirst(planned.name.utf8.count))
        let isKnown = Pipeline.OutputFormat.allCases.contains { format in
            let ending = Array(".\(format.rawValue)".utf8)
            guard rest.count >= ending.count, rest.suffix(ending.count) == ending[...] else { return false }
            let middle = rest.dropLast(ending.count)
            return middle.isEmpty || middle.first == UInt8(ascii: "_")
        }
        // A text with a backslash is not spelled as the name on disk is.
        guard isKnown, !rest.contains(UInt8(ascii: "/")), !rest.contains(UInt8(ascii: "\\")) else {
            return nil
        }
        return ScanPath(bytes: planned.stem.bytes + rest)
    }

    func remove(in folder: ScanPath) throws(FileError) {
        for path in paths { try removeFile(folder.appending(path)) }
    }
}
