import MedPrepCore
import MedPrepTestSupport
import Testing

/// Words are planted wherever a scan can hold some, and looked for in all that the program leaves behind.
@Suite("Privacy") struct PrivacyTests {
    private static let formats = ["nii.gz", "nii", "npy", "npz", "safetensors"]

    @Test("no word of a header, a gap, an extension, a gzip header or a tail comes out", arguments: formats)
    func dropped(format: String) throws {
        let bench = bench()
        bench.write(pipeline(#""format": "\#(format)""#), to: "p.json")
        #expect(try leaks(bench, of: PlantedScan.words) == [])
        #expect(written(bench, ending: format) == 7)
    }

    @Test("with hashed names, no name of a file or folder either", arguments: formats)
    func hashed(format: String) throws {
        let bench = bench()
        bench.write(pipeline(#""format": "\#(format)", "names": "hashed""#), to: "p.json")
        #expect(try leaks(bench, of: PlantedScan.words + ["FOLDER", "FILE"]) == [])
        #expect(written(bench, ending: format) == 7)
    }

    @Test("keep_header_text lets texts and extensions into the volumes, nothing else and nowhere else")
    func kept() throws {
        let bench = bench()
        bench.write(pipeline(#""format": "nii", "keep_header_text": true"#), to: "p.json")
        let inVolumes = try leaks(bench, of: PlantedScan.words, inVolumes: true)
        let kept = Set(inVolumes.map { String($0.split(separator: " ")[0]) })
        #expect(kept == Set(PlantedScan.texts + PlantedScan.extensions))
        let elsewhere = inVolumes.filter { !$0.hasSuffix(".nii") }
        #expect(elsewhere == [])
    }

    @Test("the key of the names is the one that openssl takes")
    func openssl() throws {
        let openssl = Program(executable: "openssl")
        guard openssl("version").status == 0 else { return }
        let bench = Bench()
        let scan = PlantedScan(version: 1, isBigEndian: false)
        bench.folder.write(scan.file, to: "in/FOLDER/FILE-n1.nii")
        bench.write(pipeline(#""names": "hashed""#), to: "p.json")
        #expect(bench.medprep("run", "p.json", "--quiet").status == 0)
        let key = bench.text("out/.medprep/names.key").filter { $0 != "\n" }
        bench.write("FOLDER/FILE-n1", to: "name")
        let code = Program(directory: bench.folder.path, executable: "openssl")(
            "dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:\(key)", "name")
        let hash = code.output.split(separator: " ").last?.prefix(16) ?? ""
        #expect(bench.folder.files(below: "out").contains("\(hash).nii.gz"))
    }

    private func pipeline(_ output: String) -> String {
        #"{"input": {"folder": "in"}, "steps": [{"op": "zscore"}], "output": {"folder": "out", \#(output)}}"#
    }

    /// Good scans of every kind, and damaged ones, whose words an error might tell.
    private func bench() -> Bench {
        let bench = Bench()
        for version in [1, 2] {
            for isBigEndian in [false, true] {
                let scan = PlantedScan(version: version, isBigEndian: isBigEndian)
                let name = "in/FOLDER/FILE-\(isBigEndian ? "b" : "n")\(version)"
                if isBigEndian {
                    bench.folder.write(scan.gzip, to: "\(name).nii.gz")
                } else {
                    bench.folder.write(scan.file, to: "\(name).nii")
                }
                let pair = PlantedScan(version: version, isBigEndian: isBigEndian, isPair: true)
                guard version == 1 || isBigEndian else { continue }
                bench.folder.write(pair.file, to: "\(name)-pair.hdr")
                bench.folder.write(pair.voxels, to: "\(name)-pair.img")
            }
        }
        let scan = PlantedScan(version: 1, isBigEndian: false)
        bench.folder.write(scan.file.prefix(600), to: "in/FOLDER/FILE-cut.nii")
        bench.folder.write(scan.gzip.dropLast(30), to: "in/FOLDER/FILE-cut.nii.gz")
        var damaged = scan.gzip
        damaged[damaged.count - 5] ^= 1
        bench.folder.write(damaged, to: "in/FOLDER/FILE-crc.nii.gz")
        bench.folder.write(scan.file.map { $0 == 0x5c ? 0x5d : $0 }, to: "in/FOLDER/FILE-bad.nii")
        return bench
    }

    private func written(_ bench: Bench, ending: String) -> Int {
        bench.folder.files(below: "out").filter { $0.hasSuffix(".\(ending)") }.count
    }

    /// Runs the program in every way it reports, and says which words came out, and where.
    private func leaks(_ bench: Bench, of words: [String], inVolumes: Bool = false) throws -> [String] {
        // Two inputs of one output name are refused before any work.
        let clash = bench.medprep("run", "p.json", "--dry-run")
        #expect(clash.status == 73)
        bench.folder.write(bench.folder.read("in/FOLDER/FILE-cut.nii"), to: "in/FOLDER/FILE-short.nii")
        #expect(Program(directory: bench.folder.path, executable: "rm")("in/FOLDER/FILE-cut.nii").status == 0)
        var said = ["clash": clash]
        said["dry run"] = bench.medprep("run", "p.json", "--dry-run")
        said["validate"] = bench.medprep("validate", "p.json")
        said["run"] = bench.medprep("run", "p.json", "--progress", "json")
        said["again"] = bench.medprep("run", "p.json", "--verify", "--progress", "json")
        said["folder"] = bench.medprep("run", "p.json", "in/FOLDER", "--out", "beside")
        said["nothing"] = bench.medprep("run", "p.json", "in/FOLDER/FILE-none.nii")
        #expect(said["run"]?.status == 1)
        var texts = said.mapValues { Array(($0.output + $0.errors).utf8) }
        for name in bench.folder.files(below: "out") {
            texts[name] = Array(name.utf8) + bench.folder.read("out/\(name)")
            if name.hasSuffix(".gz") {
                let plain = Program(directory: bench.folder.path, executable: "gzip")("-dc", "out/\(name)")
                #expect(plain.status == 0)
                texts[name + ", decoded"] = Array(plain.output.utf8)
            }
        }
        return words.flatMap { word in
            texts.filter { contains($0.value, Array(word.utf8)) }.map { "\(word) in \($0.key)" }
        }.sorted()
    }

    private func contains(_ bytes: [UInt8], _ word: [UInt8]) -> Bool {
        guard let first = word.first else { return false }
        return bytes.indices.contains { at in
            bytes[at] == first && bytes[at...].starts(with: word)
        }
    }
}

/// A scan with a word of its own in each place that might hold one. The offsets are those of the standard.
private struct PlantedScan {
    static let texts = ["PLdescrip", "PLauxfile", "PLintent", "PLdbname"]
    static let extensions = ["PLextTwo", "PLextFour", "PLextSix", "PLextMRS"]
    static let words =
        texts + extensions + [
            "PLdatatyp", "PLunused", "~^|", "PLbehindNUL", "PLgapBytes", "PLtailBytes", "PLfname",
            "PLcomment",
            "PLextra", "PLimgGap",
        ]

    let file: [UInt8]
    /// Of a pair.
    let voxels: [UInt8]

    init(version: Int, isBigEndian: Bool, isPair: Bool = false) {
        let values = (0..<120).map { Double($0 % 11) }
        var scan = NIfTIBuilder(.int16, sizes: [6, 5, 4], values: values, isBigEndian: isBigEndian)
        scan.version = version
        scan.isPair = isPair
        // The flag, and three bytes that nobody reads.
        scan.gap = [1] + Array("~^|".utf8)
        for (code, word) in zip([2, 4, 6, 44], Self.extensions) {
            let content = Array(word.utf8) + [UInt8](repeating: 0, count: 24 - word.utf8.count)
            for number in [Int32(32), Int32(code)] {
                withUnsafeBytes(of: isBigEndian ? number.bigEndian : number.littleEndian) { scan.gap += $0 }
            }
            scan.gap += content
        }
        scan.gap += [UInt8](repeating: 0, count: 16) + Array("PLgapBytes------".utf8)
        let imageGap = Array("PLimgGap--------".utf8)
        if isPair { scan.voxOffset = 16 }
        var bytes = scan.file
        let fields =
            version == 1
            ? [
                (4, "PLdatatyp"), (14, "PLdbname"), (148, "PLdescrip\0PLbehindNUL"), (228, "PLauxfile"),
                (328, "PLintent"),
            ]
            : [(240, "PLdescrip\0PLbehindNUL"), (320, "PLauxfile"), (508, "PLintent"), (525, "PLunused")]
        for (offset, text) in fields {
            bytes.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
        }
        let tail = Array("PLtailBytes".utf8)
        file = bytes + tail
        voxels = imageGap + scan.voxels + tail
    }

    /// With a name, a comment and an extra field (RFC 1952).
    var gzip: [UInt8] {
        var bytes = NIfTIBuilder.gzip(file)
        bytes[3] = 4 | 8 | 16
        let extra = Array("PL".utf8) + [7, 0] + Array("PLextra".utf8)
        let fields = [UInt8(extra.count), 0] + extra + Array("PLfname\0PLcomment\0".utf8)
        bytes.insert(contentsOf: fields, at: 10)
        return bytes
    }
}
