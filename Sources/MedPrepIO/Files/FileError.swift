import Glibc
public import MedPrepCore

/// Why a file or folder cannot be read, found or written. The caller adds the path.
public enum FileError: RefusalError, Equatable {
    /// A scan that is not a regular file: it is refused before it is opened.
    case notAFile(FileKind)
    case empty
    /// A folder with nothing in it that is named like a scan.
    case noScan
    /// The name ends in `.gz`, the content does not begin as gzip does.
    case notCompressed(firstBytes: [UInt8])
    /// The content is gzip, the name does not end in `.gz`.
    case compressedUnderPlainName
    /// A system call failed with `errno`.
    case failed(Operation, Role, errno: Int32)
    /// Another run holds the output folder; its process number where the lock file tells it.
    case locked(process: Int?)

    public enum Operation: String, Sendable {
        case open, read, list, create, write, sync, close, rename, remove, lock
    }

    /// What the path is to the run.
    public enum Role: String, Sendable {
        case scan
        case inputFolder = "input folder"
        case output
        case outputFolder = "output folder"
    }

    public var refusal: Refusal {
        switch self {
        case .notAFile: .notAFile
        case .empty: .emptyFile
        case .noScan: .noScan
        case .notCompressed, .compressedUnderPlainName: .badGzip
        case .failed(_, .scan, _), .failed(_, .inputFolder, _): isMissing ? .notFound : .cannotRead
        case .failed(_, .output, _), .failed(_, .outputFolder, _): .cannotWrite
        case .locked: .locked
        }
    }

    /// There is nothing under this path.
    public var isMissing: Bool {
        if case .failed(_, _, let errno) = self { errno == ENOENT || errno == ENOTDIR } else { false }
    }
}

extension FileError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notAFile(let kind): "this is \(kind), not a regular file; name a scan"
        case .empty: "the file is empty (0 bytes); fetch it again"
        case .noScan: "no scan found; a scan's name ends in .nii, .nii.gz, .hdr or .hdr.gz"
        case .notCompressed(let bytes):
            "the name ends in .gz but the content is not compressed (it begins with "
                + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
                + ", gzip with 1f 8b); rename it without .gz, or fetch it again"
        case .compressedUnderPlainName:
            "the content is compressed with gzip but the name does not end in .gz; add .gz to the name"
        case .failed(let operation, let role, let errno):
            "cannot \(operation.rawValue) the \(role.rawValue): \(String(cString: strerror(errno)))"
        case .locked(let process):
            "another run \(process.map { "(process \($0)) " } ?? "")writes into this folder; "
                + "wait for it or choose another folder"
        }
    }
}

/// What stands under a path, as `stat` tells it: links are followed.
public enum FileKind: String, Sendable, CustomStringConvertible {
    case regular, folder, pipe, socket, device, brokenLink, other

    init(mode: mode_t) {
        switch mode & S_IFMT {
        case S_IFREG: self = .regular
        case S_IFDIR: self = .folder
        case S_IFIFO: self = .pipe
        case S_IFSOCK: self = .socket
        case S_IFCHR, S_IFBLK: self = .device
        default: self = .other
        }
    }

    public var description: String {
        switch self {
        case .regular: "a regular file"
        case .folder: "a folder"
        case .pipe: "a named pipe (FIFO)"
        case .socket: "a socket"
        case .device: "a device"
        case .brokenLink: "a link that leads to no file"
        case .other: "something unknown"
        }
    }
}
