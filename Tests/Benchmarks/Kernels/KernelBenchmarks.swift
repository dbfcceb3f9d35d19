import Glibc
import MedPrepCore

/// Times the kernels, or runs them once for callgrind to count.
///
///     KernelBenchmarks [--sizes 64,128,256,512] [--only NAME]      ns a voxel beside memcpy, a table
///     KernelBenchmarks --once 48 [--only NAME]                     each kernel once; prints the names, in order
@main
struct KernelBenchmarks {
    static func main() throws {
        var (sizes, only, once) = ([64, 128, 256, 512], "", 0)
        var words = CommandLine.arguments.dropFirst()
        while let word = words.popFirst() {
            switch (word, words.popFirst()) {
            case ("--sizes", let list?): sizes = list.split(separator: ",").compactMap { Int($0) }
            case ("--only", let name?): only = name
            case ("--once", let edge?): once = Int(edge) ?? 0
            default: usage()
            }
        }
        let kernels = Kernel.all.filter { only.isEmpty || $0.name == only }
        if sizes.isEmpty || !sizes.allSatisfy((4...1024).contains) || kernels.isEmpty { usage() }
        if once > 0 { try run(kernels, edge: once) } else { try time(kernels, sizes) }
    }

    private static func usage() -> Never {
        print("usage: KernelBenchmarks [--sizes 64,128,…] [--only NAME] | --once EDGE [--only NAME]")
        exit(64)
    }

    /// Once for the caches, pools and symbols; then once to be counted.
    private static func run(_ kernels: [Kernel], edge: Int) throws {
        let scan = Scan(edge: edge)
        for kernel in kernels {
            let body = try kernel.prepare(scan)
            try body()
            try measuredCall(body)
            print(kernel.name)
        }
    }

    private static func time(_ kernels: [Kernel], _ sizes: [Int]) throws {
        let edges = sizes.map { "\($0)³" }
        let columns = ["kernel, ns a voxel (times memcpy)"] + edges + ["last to first"]
        print("| " + columns.joined(separator: " | ") + " |")
        print("|---" + String(repeating: "|---:", count: sizes.count + 1) + "|")
        let scans = sizes.map { Scan(edge: $0) }
        var copies = [Double]()
        for kernel in [.copy] + kernels {
            var times = [Double]()
            for (index, scan) in scans.enumerated() where scan.edge <= kernel.longestEdge ?? .max {
                let body = try kernel.prepare(scan)
                times.append(try medianNanoseconds(body) / Double(scan.shape.count))
                if copies.count == index { copies.append(times[index]) }
            }
            let cells = times.enumerated().map { "\(rounded($1)) (\(rounded($1 / copies[$0])))" }
            let gaps = Array(repeating: "–", count: sizes.count - times.count)
            let growth = rounded(times[times.count - 1] / times[0])
            print("| " + ([kernel.name] + cells + gaps + [growth]).joined(separator: " | ") + " |")
        }
    }

    /// Two places behind the point.
    private static func rounded(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
