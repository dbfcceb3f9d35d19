import Glibc
import MedPrepStreaming
import Testing

/// Ten items in groups of three; whether all came, in order.
private func sendTen() -> Bool {
    let square = Stage<Int>.each("square", width: 3) { $0 *= $0 }
    let sum = Stage<Int>.together("sum", size: 3) { items in
        let sum = items.reduce(0, +)
        for index in items.indices { items[index] = sum }
    }
    var results: [Int] = []
    let end = Line([square, sum, square], jobs: 3, budget: 4).run(
        0..<10, bytes: { _ in 1 }, start: { $0 },
        finish: {
            results.append($0)
            return .more
        })
    return end == .allInputsDone && results == [5, 5, 5, 50, 50, 50, 149, 149, 149, 81].map { $0 * $0 }
}

/// The status of a child that calls the line three times; 9 (killed) for one that hangs.
private func statusOfChild(_ fork: @convention(c) () -> pid_t) -> Int32 {
    let child = fork()
    if child == 0 { _exit(Fork.isChild && sendTen() && sendTen() && sendTen() ? 0 : 1) }
    var status: Int32 = -1
    // An alarm in the child would not do: threads of Dispatch block signals.
    for _ in 0..<10_000 {
        if waitpid(child, &status, WNOHANG) != 0 { return status }
        usleep(1000)
    }
    kill(child, SIGKILL)
    waitpid(child, &status, 0)
    return status
}

@Suite("Fork") struct ForkTests {
    @Test("is no child in a process that was not forked")
    func parent() {
        #expect(!Fork.isChild)
    }

    // In a process of its own: a fork copies whatever locks other tests hold just then.
    @Test("a forked child runs the line its parent has used, 50 times")
    func child() async {
        await #expect(processExitsWith: .success) {
            let symbol = try #require(dlsym(nil, "fork"), "Glibc has fork; Swift hides its name")
            let fork = unsafeBitCast(symbol, to: (@convention(c) () -> pid_t).self)
            for round in 0..<50 {
                try #require(sendTen(), "parent, round \(round)")
                try #require(statusOfChild(fork) == 0, "child, round \(round)")
                try #require(!Fork.isChild)
            }
        }
    }
}
