import Glibc

/// One way into medprep for bytes of any origin. `run` returns for every input, and traps where a promise is broken.
struct Target: Sendable {
    let name: String
    let seeds: @Sendable () -> [[UInt8]]
    /// Words that libFuzzer puts into inputs.
    let words: @Sendable () -> [[UInt8]]
    let run: @Sendable (UnsafeRawBufferPointer) -> Void

    static let all = [nifti, gzip, pipeline, pattern, npy, steps]

    /// Seeds as `seed-0` …, and `NAME.dict` beside their folder.
    func writeSeeds(to folder: String) -> Bool {
        mkdir(folder, 0o755)
        let files = seeds().enumerated().map { ("\(folder)/seed-\($0)", $1) }
        let dictionary = words().map { word in
            let text = word.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            return "\"\(text)\"\n"
        }
        for (path, bytes) in files + [("\(folder).dict", Array(dictionary.joined().utf8))] {
            guard let stream = fopen(path, "wb") else { return false }
            defer { fclose(stream) }
            if fwrite(bytes, 1, bytes.count, stream) != bytes.count { return false }
        }
        return true
    }
}

/// Set once, before the first input.
nonisolated(unsafe) private var chosen = Target.nifti

/// libFuzzer has the `main`; this it calls first. `Fuzz seeds FOLDER` writes seeds and a dictionary and ends. The target
/// comes from the environment, for libFuzzer starts this program again with its own arguments.
@_cdecl("LLVMFuzzerInitialize")
func initialize(
    _ count: UnsafePointer<CInt>, _ arguments: UnsafePointer<UnsafePointer<UnsafePointer<CChar>>>
) -> CInt {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) }
    let target = Target.all.first { $0.name == name }
    expect(target != nil, "FUZZ_TARGET is one of \(Target.all.map { $0.name })")
    chosen = target ?? chosen
    if count.pointee == 3, String(cString: arguments.pointee[1]) == "seeds" {
        exit(chosen.writeSeeds(to: String(cString: arguments.pointee[2])) ? 0 : 73)
    }
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    chosen.run(UnsafeRawBufferPointer(start: bytes, count: count))
    return 0
}

/// A broken promise: libFuzzer keeps the input.
func expect(_ holds: Bool, _ promise: @autoclosure () -> String) {
    if holds { return }
    let text = "broken promise: \(promise())\n"
    write(STDERR_FILENO, text, text.utf8.count)
    abort()
}
