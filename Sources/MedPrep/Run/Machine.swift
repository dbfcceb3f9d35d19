internal import Glibc

/// What this process may use.
public enum Machine {
    /// Cores by the affinity mask, the cgroup's quota and SLURM_CPUS_PER_TASK, whichever is least; at least 1.
    public static var cores: Int {
        // The mask in hexadecimal, in groups of eight digits.
        let allowed = firstLine("/proc/self/status", beginning: "Cpus_allowed:")?.dropFirst(13)
            .compactMap(\.hexDigitValue).reduce(0) { $0 + $1.nonzeroBitCount }
        let bounds = [
            allowed ?? sysconf(Int32(_SC_NPROCESSORS_ONLN)), cgroupCores,
            environment("SLURM_CPUS_PER_TASK").flatMap(Int.init),
        ]
        return max(1, bounds.compactMap { $0 }.min() ?? 1)
    }

    /// Bytes that can be had without swapping: the system's, or what the cgroup leaves.
    public static var availableMemory: Int {
        let system = firstLine("/proc/meminfo", beginning: "MemAvailable:")
            .flatMap(kibibytes)
        let limit = firstLine("/sys/fs/cgroup/memory.max").flatMap { Int($0) }
        let used = firstLine("/sys/fs/cgroup/memory.current").flatMap { Int($0) } ?? 0
        let bounds = [system, limit.map { max(0, $0 - used) }].compactMap { $0 }
        return max(256 << 20, bounds.min() ?? 2 << 30)
    }

    /// Largest resident size so far, in bytes.
    public static var peakMemory: Int {
        let peak = firstLine("/proc/self/status", beginning: "VmHWM:").flatMap(kibibytes)
        if let peak { return peak }
        // Of a process that was spawned, this may be its parent's.
        var usage = rusage()
        return getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 ? Int(usage.ru_maxrss) * 1024 : 0
    }

    /// The bytes of a line like "VmHWM:  123 kB".
    private static func kibibytes(_ line: String) -> Int? {
        line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) }.map {
            $0 * 1024
        }
    }

    private static var cgroupCores: Int? {
        guard let parts = firstLine("/sys/fs/cgroup/cpu.max")?.split(separator: " "), parts.count == 2,
            let quota = Double(parts[0]), let period = Double(parts[1]), period > 0
        else { return nil }
        return Int((quota / period).rounded(.up))
    }

    private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    private static func firstLine(_ path: String, beginning: String = "") -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 4096)
        while fgets(&buffer, 4096, file) != nil {
            let line = String(
                decoding: buffer.prefix { $0 != 0 && $0 != 10 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            if line.hasPrefix(beginning) { return line }
        }
        return nil
    }
}
