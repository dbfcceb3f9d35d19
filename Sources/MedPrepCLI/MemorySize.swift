internal import ArgumentParser

/// "4GiB", "500MB", "1.5G": bytes with a unit.
struct MemorySize: ExpressibleByArgument {
    let bytes: Int

    private static let units: [(String, Double)] = [
        ("kib", 0x1p10), ("mib", 0x1p20), ("gib", 0x1p30), ("tib", 0x1p40), ("kb", 1e3), ("mb", 1e6),
        ("gb", 1e9),
        ("tb", 1e12), ("k", 0x1p10), ("m", 0x1p20), ("g", 0x1p30), ("t", 0x1p40), ("b", 1), ("", 1),
    ]

    init?(argument: String) {
        let text = argument.lowercased()
        for (unit, factor) in Self.units where text.hasSuffix(unit) {
            guard let number = Double(text.dropLast(unit.count)), number > 0, number * factor < 0x1p62 else {
                continue
            }
            bytes = Int(number * factor)
            return
        }
        return nil
    }

    /// "1.5 GiB": for people.
    static func text(_ bytes: Int) -> String {
        var (value, unit) = (Double(bytes), "B")
        for next in ["KiB", "MiB", "GiB", "TiB"] where value >= 1024 { (value, unit) = (value / 1024, next) }
        let tenths = (value * 10).rounded() / 10
        return unit == "B" ? "\(bytes) B" : "\(tenths) \(unit)"
    }
}
