import MedPrepStreaming

/// Counts how many of something there are at one time.
final class Gauge: Sendable {
    private let counts = Guarded([0, 0, 0])

    func rise() {
        counts.change { counts in
            counts[0] += 1
            counts[1] = max(counts[1], counts[0])
            counts[2] += 1
        }
    }

    func fall() { counts.change { $0[0] -= 1 } }

    var now: Int { counts.change { $0[0] } }
    var highest: Int { counts.change { $0[1] } }
    var total: Int { counts.change { $0[2] } }
}

/// Lives as long as the item that holds it.
final class Token: Sendable {
    private let gauge: Gauge

    init(_ gauge: Gauge) {
        self.gauge = gauge
        gauge.rise()
    }

    deinit { gauge.fall() }
}

/// An item that remembers what happened to it.
struct Parcel: Sendable {
    let number: Int
    var trail: [String] = []
    var token: Token?
}
