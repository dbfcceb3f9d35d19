import Glibc
import MedPrep
import MedPrepTestSupport

/// System calls that fail in a running program, by `Tests/Faults/fail.c`.
struct Fault: CustomStringConvertible, Sendable {
    let call: String
    /// Of errno.h; 0: half of the bytes are moved.
    let error: Int32
    /// The first call that fails, from 1.
    var first = 1
    /// How many fail; 0: all from the first on.
    var count = 1

    var sentence: String { String(cString: strerror(error)) }
    /// Calls that a program makes again, and nobody notices.
    var isTransparent: Bool { error == 0 || error == EINTR }

    var description: String {
        "\(call) \(first)\(count == 0 ? "…" : ""): \(error == 0 ? "short" : sentence)"
    }

    /// Every kind of call with every error that it can have on a failing or full disk.
    static let kinds: [Fault] = [
        ("open", [EIO, EMFILE, EINTR]), ("read", [EIO, EINTR, 0]), ("write", [EIO, ENOSPC, EINTR, 0]),
        ("sync", [EIO, ENOSPC, EINTR]), ("close", [EIO, ENOSPC, EINTR]), ("rename", [EIO, ENOSPC]),
        ("unlink", [EIO]), ("mkdir", [EIO, ENOSPC]), ("truncate", [EIO, EINTR]), ("list", [EIO]),
        ("lock", [EIO, ENOLCK, EINTR]), ("stat", [EIO]),
    ].flatMap { call, errors in errors.map { Fault(call: call, error: $0) } }

    /// The library that fails them, built once; nil where there is no C compiler, or where a sanitizer
    /// must be loaded first.
    static let library: String? = {
        if Sanitizer.isOn { return nil }
        let library = TemporaryFolder.ofProcess.file("fail.so")
        let built = Program(executable: "cc")(
            "-shared", "-fPIC", "-O1", "-o", library, Repository.folder + "/Tests/Faults/fail.c", "-ldl")
        return built.status == 0 ? library : nil
    }()
}

/// Three cases of image and label, a pipeline, and what it makes of them when nothing fails.
final class FaultBench {
    enum Start: String, CaseIterable, Sendable {
        /// Into a new folder, every case alone.
        case fresh
        /// Over the outputs of other settings, with other names, in batches.
        case again
        /// Into a new folder, with a first pass over all cases.
        case learning
    }

    let start: Start
    let expected: OutputTree
    private let bench = Bench()
    private let folder: TemporaryFolder

    init(_ start: Start) {
        self.start = start
        folder = bench.folder
        for (index, ending) in [".nii", ".nii.gz", ".nii"].enumerated() {
            for (name, type) in [("t1", ElementType.float32), ("seg", .uint8)] {
                let levels = name == "t1" ? 97 : 3
                let values = (0..<120).map { (voxel: Int) -> Double in
                    let mixed: Int = voxel * (index + 3) + voxel / 7
                    return Double(mixed % levels)
                }
                let file = NIfTIBuilder(type, sizes: [6, 5, 4], values: values).file
                bench.folder.write(
                    ending == ".nii" ? file : NIfTIBuilder.gzip(file), to: "in/s\(index)_\(name)\(ending)")
            }
        }
        let input =
            #""input": {"folder": "in", "images": {"t1": "{case}_t1.*"}, "labels": {"seg": "{case}_seg.*"}}"#
        let batch = #""batch": {"size": 2}, "steps": [{"op": "batch_norm"}]"#
        let apart = #""output": {"format": "npy", "channels": "apart"}"#
        bench.write("{\(input), \(batch), \(apart)}", to: "before.json")
        let rest =
            switch start {
            // zlib: its bytes are the same on every machine and in every process.
            case .fresh: #""steps": [{"op": "zscore"}], "output": {}"#
            case .again: #"\#(batch), "output": {"format": "nii"}"#
            case .learning:
                #""steps": [{"op": "batch_norm", "mode": "global"}], "output": {}"#
            }
        bench.write("{\(input), \(rest)}", to: "p.json")
        _ = bench.medprep("run", "before.json", "--out", "before", "--jobs", "1")
        Self.prepare(folder, start)
        _ = bench.medprep("run", "p.json", "--out", "out", "--jobs", "1")
        expected = OutputTree(bench.folder, "out")
    }

    /// No output folder, or that of the other settings.
    private static func prepare(_ folder: TemporaryFolder, _ start: Start) {
        _ = Program(directory: folder.path, executable: "rm")("-rf", "out", "failed")
        if start == .again {
            _ = Program(directory: folder.path, executable: "cp")("-a", "before", "out")
        }
    }

    /// A run from the start in which calls fail; nil when so many calls were not made.
    func run(_ fault: Fault, library: String) -> Program.Result? {
        Self.prepare(folder, start)
        var program = Program(directory: folder.path, executable: "timeout")
        program.environment = [
            "LD_PRELOAD=\(library)", "FAULT_CALL=\(fault.call)", "FAULT_FROM=\(fault.first)",
            "FAULT_COUNT=\(fault.count)", "FAULT_ERROR=\(fault.error)", "FAULT_UNDER=in:out",
            "FAULT_LOG=failed",
        ]
        let result = program("-s", "KILL", "60", Program.path, "run", "p.json", "--out", "out", "--jobs", "1")
        return folder.names.contains("failed") ? result : nil
    }

    /// What is wrong with what the run left, in sentences.
    func faults(of result: Program.Result, _ fault: Fault) -> [String] {
        var faults = [String]()
        func require(_ holds: Bool, _ sentence: String) {
            if !holds { faults.append("\(fault): \(sentence)\n\(result.errors)") }
        }
        let tree = OutputTree(folder, "out")
        let (whole, broken) = OutputTree.vouched(folder, "out")
        require([0, 1, 65, 66, 73].contains(result.status), "status \(result.status)")
        // One failure leaves nothing half; when every removal fails, something may stay that no sidecar vouches for.
        if fault.count == 1 {
            require(broken.isEmpty, "a sidecar vouches for what is not there: \(broken)")
            require(
                tree.volumes.allSatisfy { whole.contains($0) || $0.hasSuffix(".tmp") },
                "a volume without sidecar")
        }
        if start == .fresh {
            let odd = tree.volumes.filter { !$0.hasSuffix(".tmp") && tree.files[$0] != expected.files[$0] }
            require(odd.isEmpty, "other bytes in \(odd)")
        }
        switch result.status {
        case 0:
            // A first pass whose inputs had no time and size for a moment is only done again by the next run.
            let differing = tree.differences(from: expected).filter {
                fault.call != "stat" || $0 != "dataset-stats.json"
            }
            require(differing.isEmpty, "differs in \(differing)")
        case 1: require(reportNames(fault, tree), "the report does not tell")
        default: break
        }
        if result.status != 0, fault.call != "stat" {
            require(result.errors.contains(fault.sentence), "the reason is not told")
        }
        if fault.isTransparent { require(result.status == 0, "not transparent") }
        return faults
    }

    /// `report.json` and `summary.tsv` name each case that failed, with its code and reason, and no other.
    private func reportNames(_ fault: Fault, _ tree: OutputTree) -> Bool {
        let report = try? JSONReader.read(folder.read("out/report.json")).value
        let failures = report?["failures"]?.array ?? []
        let failed = Set(failures.compactMap { $0["scan"]?.string })
        let rows = bench.text("out/summary.tsv").split(separator: "\n").dropFirst()
        let codes = ["cannot_read", "cannot_write"]
        let tells = failures.allSatisfy { failure in
            codes.contains(failure["code"]?.string ?? "")
                && (fault.call == "stat" || failure["message"]?.string?.contains(fault.sentence) == true)
        }
        // What cannot be read for good cannot be known to be out of date.
        let keepsOld = start == .again && fault.count == 0
        return !failures.isEmpty && tells && rows.count == 3
            && rows.allSatisfy { $0.contains("\tfailed\t") == failed.contains(String($0.prefix(2))) }
            && (keepsOld || tree.sidecars.allSatisfy { !failed.contains(String($0.prefix(2))) })
    }

    /// Nothing fails any more: the same tree as if nothing ever had.
    func faultsOfNextRun(after fault: Fault) -> [String] {
        let result = bench.medprep("run", "p.json", "--out", "out", "--jobs", "1")
        let differing = OutputTree(folder, "out").differences(from: expected)
        if result.status == 0, differing.isEmpty { return [] }
        return [
            "\(fault): the next run ends with \(result.status), differs in \(differing)\n\(result.errors)"
        ]
    }
}
