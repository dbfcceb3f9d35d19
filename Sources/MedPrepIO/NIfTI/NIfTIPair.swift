/// The two files of a scan that keeps its voxels apart from its header.
package enum NIfTIPair {
    /// What the .img file of a header may be called: a.hdr belongs to a.img or a.img.gz, in the letters of its own
    /// ending: A.HDR to A.IMG. What is compressed as the header is comes first. Empty for what is no header.
    package static func voxelFiles(of path: ScanPath) -> [ScanPath] {
        guard path.hasSuffix(".hdr") || path.hasSuffix(".hdr.gz"), path.scanExtension != nil else {
            return []
        }
        let stem = path.withoutScanExtension
        let isUpper = path.bytes[stem.bytes.count + 1] == UInt8(ascii: "H")
        let endings = path.hasSuffix(".gz") ? [".img.gz", ".img"] : [".img", ".img.gz"]
        return endings.map { stem.adding(suffix: isUpper ? $0.uppercased() : $0) }
    }

    /// What `stat` knows of each file of a scan: of the one, or of the header and the first .img there is.
    package static func statuses(of path: ScanPath) -> [FileStatus] {
        let voxels = voxelFiles(of: path).lazy.compactMap { FileStatus($0) }.first
        return [FileStatus(path), voxels].compactMap { $0 }
    }
}
