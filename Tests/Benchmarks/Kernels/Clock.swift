import Glibc

/// CPU time, user and system, of this process so far, in nanoseconds.
func processNanoseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

/// The median of at least five runs, and of a quarter of a second of them.
func medianNanoseconds(_ body: () throws -> Void) rethrows -> Double {
    try body()
    var times = [Double]()
    var total = 0.0
    while times.count < 5 || (total < 250e6 && times.count < 1000) {
        let start = processNanoseconds()
        try body()
        times.append(processNanoseconds() - start)
        total += times[times.count - 1]
    }
    times.sort()
    return times[times.count / 2]
}
