internal import Dispatch

/// Time since it was started. It goes under `timing` in reports, and nowhere else.
struct Stopwatch: Sendable {
    private var start = DispatchTime.now().uptimeNanoseconds

    mutating func restart() { start = DispatchTime.now().uptimeNanoseconds }

    /// To a thousandth.
    var milliseconds: Double {
        (Double(DispatchTime.now().uptimeNanoseconds - start) / 1000).rounded() / 1000
    }

    var seconds: Double { milliseconds / 1000 }
}
