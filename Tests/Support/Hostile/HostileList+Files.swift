import MedPrepCore

/// Names that promise another content, things that are no files, and pairs.
extension HostileList {
    mutating func addNames() {
        var builder = NIfTIBuilder()
        builder.store(.int16, [4, 3, 2], HostileScan.values)
        let (file, page) = (builder.file, Array("<html><body>503</body></html>".utf8))
        add(files: [("plain.nii.gz", file)], "not compressed", .refused("bad_gzip"))
        add(files: [("packed.nii", NIfTIBuilder.gzip(file))], "compressed", .refused("bad_gzip"))
        add(files: [("page.nii.gz", page)], "a web page", .refused("not_nifti"))
        add(files: [("page2.nii", page)], "a web page", .refused("not_nifti"))
        add(files: [("zeros.nii", [UInt8](repeating: 0, count: 5000))], "zeros", .refused("not_nifti"))
        add(files: [("ones.nii", [UInt8](repeating: 255, count: 5000))], "ones", .refused("not_nifti"))
        add(files: [("one-byte.nii", [92])], "one byte", .refused("truncated_header"))
        add(files: [("zero-byte.nii", [])], "no byte", .refused("empty_file"))
        add(files: [("zero-byte2.nii.gz", [])], "no byte", .refused("empty_file"))
        add(files: [("single.hdr", file)], "header and voxels in a .hdr file", .refused("not_nifti"))
        for name in [
            "UPPER.NII", "UPPER2.NII.GZ", "with space.nii", "line\nbreak.nii", "quote\"s'.nii", "-dash.nii",
            "naïve-é.nii", "tab\t.nii", "$(x).nii", "a.nii.nii", String(repeating: "x", count: 246) + ".nii",
        ] {
            let bytes = name.hasSuffix("GZ") ? NIfTIBuilder.gzip(file) : file
            add(files: [("names/" + name, bytes)], "an odd name", Self.read())
        }
        add("folder.nii", .folder, "a folder", .refused("not_a_file"))
        add("folder2.nii.gz", .folder, "a folder", .refused("not_a_file"))
        add("pipe.nii", .pipe, "a pipe", .refused("not_a_file"))
        add("pipe2.nii.gz", .pipe, "a pipe", .refused("not_a_file"))
        add("device.nii", .link(to: "/dev/zero"), "a link to a device", .refused("not_a_file"))
        add("broken.nii", .link(to: "nowhere.nii"), "a link to nothing", .refused("not_a_file"))
        add("circle.nii.gz", .link(to: "circle.nii.gz"), "a link to itself", .refused("not_a_file"))
        add("to-folder.nii", .link(to: "names"), "a link to a folder", .refused("not_a_file"))
        add("up.nii", .link(to: ".."), "a link to the folder above", .refused("not_a_file"))
    }

    mutating func addPairs() {
        for version in [1, 2] {
            for (isBigEndian, ending) in [(false, "hdr"), (true, "hdr.gz")] {
                let form = HostileForm(
                    version: version, isBigEndian: isBigEndian != (version == 2), ending: ending)
                let kind = form.isCompressed ? "-packed" : ""
                add("pair\(kind)", "header and voxels apart", Self.read(), form)
                add("pair-late\(kind)", "voxels from byte 16 of the .img", Self.read(), form) {
                    $0.voxOffset = 16
                    $0.voxels = [UInt8](repeating: 1, count: 16) + $0.voxels
                }
                add("pair-behind\(kind)", "bytes behind the voxels", Self.read(["trailing_bytes"]), form) {
                    $0.voxels += [9, 9]
                }
                add("pair-short\(kind)", "a byte missing", .refused("truncated_data"), form) {
                    $0.voxels.removeLast()
                }
                add("pair-far\(kind)", "vox_offset behind the .img", .refused("bad_vox_offset"), form) {
                    $0.voxOffset = 1_048_576
                }
                add("pair-minus\(kind)", "a negative vox_offset", .refused("bad_vox_offset"), form) {
                    $0.voxOffset = -16
                }
                add(
                    "pair-cut\(kind)", "half a header", .refused("truncated_header"), form,
                    after: { Array($0.prefix(100)) })
                add("pair-magic\(kind)", "no magic, as in ANALYZE 7.5", .refused("not_nifti"), form) {
                    $0.magic = [UInt8](repeating: 0, count: $0.version == 1 ? 4 : 8)
                }
                add("pair-single\(kind)", "the magic of a single file", .refused("not_nifti"), form) {
                    $0.magic = $0.version == 1 ? Array("n+1\0".utf8) : Array("n+2\0\r\n\u{1a}\n".utf8)
                }
                add("pair-size\(kind)", "a size of 0", .refused("bad_dims"), form) { $0.sizes = [4, 0, 2] }
            }
        }
        var builder = NIfTIBuilder()
        builder.isPair = true
        builder.store(.int16, [4, 3, 2], HostileScan.values)
        let (header, voxels, packed) = (builder.file, builder.voxels, NIfTIBuilder.gzip(builder.file))
        add(files: [("lonely.hdr", header)], "no .img", .refused("missing_pair"))
        add(files: [("lonely2.hdr.gz", packed)], "no .img", .refused("missing_pair"))
        add(files: [("pair.nii", header)], "the magic of a pair in a .nii", .refused("not_nifti"))
        add(
            files: [("mixed.hdr", header), ("mixed.img.gz", NIfTIBuilder.gzip(voxels))],
            "only the voxels compressed", Self.read())
        add(
            files: [("mixed2.hdr.gz", packed), ("mixed2.img", voxels)], "only the header compressed",
            Self.read())
        add(files: [("CAPITALS.HDR", header), ("CAPITALS.IMG", voxels)], "capitals", Self.read())
        add(
            files: [("empty-img.hdr", header), ("empty-img.img", [])], "an empty .img", .refused("empty_file")
        )
        add(
            files: [
                ("crc-img.hdr", header), ("crc-img.img.gz", GzipMember.changed(voxels) { $0.crc32 = 1 }),
            ],
            "a wrong CRC-32 of the voxels", .refused("bad_gzip"))
        add(
            files: [
                ("crc-hdr.hdr.gz", GzipMember.changed(header) { $0.crc32 = 1 }), ("crc-hdr.img", voxels),
            ],
            "a wrong CRC-32 of the header", .refused("bad_gzip"))
        add(
            files: [("plain-img.hdr.gz", packed), ("plain-img.img.gz", voxels)],
            "an .img.gz that is not compressed",
            .refused("bad_gzip"))
    }
}
