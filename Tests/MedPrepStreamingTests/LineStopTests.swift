import Glibc
import MedPrepStreaming
import Testing

private let jobCounts = [1, 2, 3, 8]

@Suite("A stopped Line") struct LineStopTests {
    private let read = Stage<Parcel>.each("read", width: 4) { usleep(UInt32($0.number * 37 % 500)) }

    @Test("admits nothing after a cancel and finishes what is in flight", arguments: jobCounts)
    func cancel(jobs: Int) {
        let cancelled = Guarded(false)
        let watch = Stage<Parcel>.each("watch", width: 2) { parcel in
            if parcel.number == 20 { cancelled.change { $0 = true } }
        }
        let gauge = Gauge()
        var numbers: [Int] = []
        let end = Line([read, watch], jobs: jobs, budget: 5).run(
            0..<1000, bytes: { _ in 1 }, isCancelled: { cancelled.change { $0 } },
            start: { Parcel(number: $0, token: Token(gauge)) },
            finish: {
                numbers.append($0.number)
                return .more
            })
        #expect(end == .stopped)
        #expect(numbers == Array(0..<gauge.total))
        #expect(numbers.count > 20 && numbers.count <= 26)
        #expect(gauge.now == 0)
    }

    @Test("starts nothing when it is cancelled before", arguments: jobCounts)
    func cancelledBefore(jobs: Int) {
        let end = Line([read], jobs: jobs, budget: 5).run(
            0..<10, bytes: { _ in 1 }, isCancelled: { true },
            start: { number in
                Issue.record("started \(number)")
                return Parcel(number: number)
            }, finish: { _ in .more })
        #expect(end == .stopped)
    }

    @Test("stops when finish has seen enough", arguments: jobCounts)
    func enough(jobs: Int) {
        var numbers: [Int] = []
        let end = Line([read], jobs: jobs, budget: 4).run(
            0..<1000, bytes: { _ in 1 }, start: { Parcel(number: $0) },
            finish: {
                numbers.append($0.number)
                return numbers.count == 10 ? .stop : .more
            })
        #expect(end == .stopped)
        #expect(numbers == Array(0..<numbers.count))
        #expect(numbers.count >= 10 && numbers.count <= 14)
    }

    @Test("drops a group cut short, and all that shares a later group with it", arguments: jobCounts)
    func cutShort(jobs: Int) {
        let (gauge, sizes) = (Gauge(), Guarded([Int]()))
        let groups = Stage<Parcel>.together("groups of 4", size: 4) { parcels in
            let count = parcels.count
            sizes.change { $0.append(count) }
        }
        let pairs = Stage<Parcel>.together("groups of 3", size: 3) { parcels in
            let count = parcels.count
            sizes.change { $0.append(count) }
        }
        var numbers: [Int] = []
        let end = Line([read, groups, read, pairs], jobs: jobs, budget: 100).run(
            0..<1000, bytes: { _ in 1 }, isCancelled: { gauge.total == 18 },
            start: { Parcel(number: $0, token: Token(gauge)) },
            finish: {
                numbers.append($0.number)
                return .more
            })
        #expect(end == .stopped)
        // 18 were admitted: 16 fill groups of 4, and 15 of those fill groups of 3.
        #expect(numbers == Array(0..<15))
        #expect(sizes.change { $0.filter { $0 == 4 }.count } == 4)
        #expect(sizes.change { $0.filter { $0 == 3 }.count } == 5)
        #expect(sizes.change { $0.count } == 9)
        #expect(gauge.now == 0)
    }

    @Test("keeps the last, smaller group when the inputs end by themselves", arguments: jobCounts)
    func lastGroup(jobs: Int) {
        let gauge = Gauge()
        let groups = Stage<Parcel>.together("groups", size: 4) { parcels in
            let count = parcels.count
            for index in parcels.indices { parcels[index].trail = [String(count)] }
        }
        var sizes: [String] = []
        // The cancel comes too late: nothing was left to admit.
        let end = Line([groups], jobs: jobs, budget: 100).run(
            0..<6, bytes: { _ in 1 }, isCancelled: { gauge.total == 6 },
            start: { Parcel(number: $0, token: Token(gauge)) },
            finish: {
                sizes += $0.trail
                return .more
            })
        #expect(end == .allInputsDone)
        #expect(sizes == ["4", "4", "4", "4", "2", "2"])
    }
}
