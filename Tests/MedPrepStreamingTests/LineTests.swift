import Dispatch
import Glibc
import MedPrepStreaming
import Testing

/// Sleeps a time that differs from item to item, up to `longest` microseconds.
private func nap(_ number: Int, upTo longest: Int = 800) {
    usleep(UInt32((number &* 7919 &+ 13) % (longest + 1)))
}

private func through(_ name: String, width: Int) -> Stage<Parcel> {
    .each(name, width: width) { parcel in
        nap(parcel.number &+ name.utf8.count)
        parcel.trail.append(name)
    }
}

private func gather(_ name: String, size: Int) -> Stage<Parcel> {
    .together(name, size: size) { parcels in
        let members = parcels.map { String($0.number) }.joined(separator: "+")
        for index in parcels.indices { parcels[index].trail.append("\(name):\(members)") }
    }
}

/// Sends `0 ..< count` through a line; each item weighs one byte.
private func send(_ count: Int, _ line: Line<Parcel>, bytes: (Int) -> Int = { _ in 1 }) -> [Parcel] {
    var parcels: [Parcel] = []
    let end = line.run(
        0..<count, bytes: bytes, start: { Parcel(number: $0) },
        finish: {
            parcels.append($0)
            return .more
        })
    #expect(end == .allInputsDone)
    return parcels
}

private let jobCounts = [1, 2, 3, 8]

@Suite("Line") struct LineTests {
    @Test("hands results over in the order of the input", arguments: jobCounts)
    func order(jobs: Int) {
        let stages = [through("read", width: 3), through("work", width: 8), through("write", width: 2)]
        let parcels = send(60, Line(stages, jobs: jobs, budget: 10))
        #expect(parcels.map { $0.number } == Array(0..<60))
        #expect(parcels.allSatisfy { $0.trail == ["read", "work", "write"] })
    }

    @Test("does nothing with no input, and nothing to items without stages", arguments: jobCounts)
    func empty(jobs: Int) {
        let stages = [through("read", width: 2), gather("batch", size: 4)]
        #expect(send(0, Line(stages, jobs: jobs, budget: 10)).isEmpty)
        #expect(send(5, Line([], jobs: jobs, budget: 2)).map { $0.number } == [0, 1, 2, 3, 4])
    }

    @Test("bodies compute on no more threads than jobs, and on all of them at the end", arguments: jobCounts)
    func threads(jobs: Int) {
        let (gauge, done, ended) = (Gauge(), Gauge(), Gauge())
        let first = Stage<Parcel>.each("first", width: 8) { parcel in
            guard parcel.number == 19, jobs > 1 else { return }
            // The last one waits for the others, and until the line knows that it is the last.
            while done.now < 19 || ended.now == 0 { usleep(100) }
            usleep(50_000)
        }
        let shared = Stage<Parcel>.each("shared", width: 8) { parcel, threads in
            for _ in 0..<threads { gauge.rise() }
            nap(parcel.number)
            for _ in 0..<threads { gauge.fall() }
            parcel.trail = ["\(threads)"]
        }
        var (trails, next) = ([[String]](), 0)
        let inputs = AnyIterator {
            if next == 20 { ended.rise() }
            next += 1
            return next <= 20 ? next - 1 : nil
        }
        _ = Line([first, shared], jobs: jobs, budget: 100).run(
            inputs, bytes: { _ in 1 }, start: { Parcel(number: $0) },
            finish: { parcel in
                trails.append(parcel.trail)
                done.rise()
                return .more
            })
        #expect(gauge.highest <= jobs)
        #expect(trails.count == 20 && trails.last == ["\(jobs)"])
    }

    @Test("keeps no more bytes in flight than the budget holds", arguments: jobCounts)
    func budget(jobs: Int) {
        let gauge = Gauge()
        let line = Line<Parcel>([through("a", width: 8), through("b", width: 8)], jobs: jobs, budget: 35)
        var numbers: [Int] = []
        _ = line.run(
            0..<80, bytes: { _ in 10 }, start: { Parcel(number: $0, token: Token(gauge)) },
            finish: {
                numbers.append($0.number)
                return .more
            })
        #expect(numbers == Array(0..<80))
        #expect(gauge.highest <= 3)
        #expect(gauge.now == 0)
        #expect(gauge.total == 80)
    }

    @Test("frees an item before the next one takes its bytes", arguments: jobCounts)
    func freed(jobs: Int) {
        let gauge = Gauge()
        let stages = [through("a", width: 2), gather("batch", size: 2), through("b", width: 2)]
        var seen: [Int] = []
        _ = Line<Parcel>(stages, jobs: jobs, budget: 2).run(
            0..<50, bytes: { _ in 1 },
            start: {
                seen.append(gauge.now)
                return Parcel(number: $0, token: Token(gauge))
            }, finish: { _ in .more })
        #expect(seen.count == 50)
        #expect(seen.allSatisfy { $0 <= 1 })
        #expect(gauge.highest == 2)
        #expect(gauge.now == 0)
    }

    @Test("frees an item as soon as finish has returned", arguments: jobCounts)
    func freedAtOnce(jobs: Int) {
        let gauge = Gauge()
        var (finished, late) = (0, 0)
        let line = Line<Parcel>([through("a", width: 8)], jobs: jobs, budget: 8)
        _ = line.run(
            0..<60, bytes: { _ in 1 }, start: { Parcel(number: $0, token: Token(gauge)) },
            finish: { _ in
                // Of all items made so far, those finished before this one are gone.
                if gauge.total - gauge.now != finished { late += 1 }
                finished += 1
                return .more
            })
        #expect(finished == 60)
        #expect(late == 0)
    }

    @Test("does not gather results behind a slow item beyond the budget")
    func slowFirst() {
        let gauge = Gauge()
        let slow = Stage<Parcel>.each("slow", width: 4) { if $0.number == 0 { usleep(60_000) } }
        _ = Line([slow], jobs: 4, budget: 6).run(
            0..<100, bytes: { _ in 1 }, start: { Parcel(number: $0, token: Token(gauge)) },
            finish: { _ in .more })
        #expect(gauge.total == 100)
        #expect(gauge.highest <= 6)
    }

    @Test("bounds items without weight, too")
    func weightless() {
        let gauge = Gauge()
        let slow = Stage<Parcel>.each("slow", width: .max) { if $0.number == 0 { usleep(60_000) } }
        _ = Line([slow], jobs: 3, budget: .max).run(
            0..<500, bytes: { _ in 0 }, start: { Parcel(number: $0, token: Token(gauge)) },
            finish: { _ in .more })
        #expect(gauge.total == 500)
        #expect(gauge.highest <= 7)
    }

    @Test("lets an item above the budget go alone", arguments: jobCounts)
    func oversize(jobs: Int) {
        let gauge = Gauge()
        let line = Line<Parcel>([through("a", width: 4)], jobs: jobs, budget: 4)
        var (numbers, company) = ([Int](), [Int]())
        _ = line.run(
            0..<30, bytes: { $0 % 5 == 2 ? .max : $0 % 7 == 0 ? .min : 1 },
            start: { Parcel(number: $0, token: Token(gauge)) },
            finish: {
                numbers.append($0.number)
                if $0.number % 5 == 2 { company.append(gauge.now) }
                return .more
            })
        #expect(numbers == Array(0..<30))
        // A weightless neighbour (7, 14, …) directly behind may come along.
        #expect(company.allSatisfy { $0 <= 2 })
        #expect(company.first == 1)
    }

    @Test("runs at most as many bodies at one time as there are jobs", arguments: jobCounts)
    func jobs(jobs: Int) {
        let (gauge, narrow) = (Gauge(), Gauge())
        let wide = Stage<Parcel>.each("wide", width: 8) {
            gauge.rise()
            nap($0.number)
            gauge.fall()
        }
        let thin = Stage<Parcel>.each("thin", width: 2) {
            gauge.rise()
            narrow.rise()
            nap($0.number)
            narrow.fall()
            gauge.fall()
        }
        let together = Stage<Parcel>.together("together", size: 3) { _ in
            gauge.rise()
            usleep(300)
            gauge.fall()
        }
        let parcels = send(60, Line([wide, thin, together, wide], jobs: jobs, budget: 100))
        #expect(parcels.count == 60)
        #expect(gauge.highest <= jobs)
        #expect(narrow.highest <= min(jobs, 2))
    }

    @Test("has several bodies at work at one time")
    func parallel() {
        // Each waits for the other: one thread alone would never come through.
        let met = Guarded(0)
        let meeting = Stage<Parcel>.each("meeting", width: 2) { _ in
            met.change { $0 += 1 }
            met.wait { $0 >= 2 ? true : nil }
        }
        #expect(send(2, Line([meeting], jobs: 2, budget: 2)).count == 2)
    }

    @Test("leaves threads to other stages while a narrow one waits for a disk")
    func blocked() {
        let moved = Guarded(0)
        let disk = Stage<Parcel>.each("disk", width: 1) {
            // The last item waits until all others are through the later stage.
            if $0.number == 5 { moved.wait { $0 == 5 ? true : nil } }
        }
        let later = Stage<Parcel>.each("later", width: 1) { _ in moved.change { $0 += 1 } }
        #expect(send(6, Line([disk, later], jobs: 2, budget: 6)).count == 6)
    }

    @Test("lets a body use all cores", arguments: jobCounts)
    func nested(jobs: Int) {
        let sums = Stage<Parcel>.each("sum", width: 8) { parcel in
            let sum = Guarded(0)
            DispatchQueue.concurrentPerform(iterations: 16) { index in sum.change { $0 += index } }
            parcel.trail.append(String(sum.change { $0 }))
        }
        #expect(send(40, Line([sums], jobs: jobs, budget: 40)).allSatisfy { $0.trail == ["120"] })
    }

    @Test("comes through with more jobs than a process has threads")
    func manyJobs() {
        let stages = (0..<4).map { through("stage \($0)", width: .max) }
        #expect(send(40, Line(stages, jobs: 400, budget: .max)).map { $0.number } == Array(0..<40))
    }
}

@Suite("Line with groups") struct LineGroupTests {
    /// What a group of `size` in a row of `0 ..< count` writes into the trail of `number`.
    private func members(_ number: Int, of count: Int, size: Int) -> String {
        let first = number / size * size
        return (first..<min(first + size, count)).map { String($0) }.joined(separator: "+")
    }

    @Test("groups the same neighbours on any number of threads", arguments: jobCounts)
    func groups(jobs: Int) {
        let stages = [
            through("read", width: 5), gather("g", size: 4), through("x", width: 3), gather("h", size: 3),
            through("write", width: 2),
        ]
        let parcels = send(50, Line(stages, jobs: jobs, budget: 20))
        #expect(parcels.map { $0.number } == Array(0..<50))
        for parcel in parcels {
            let four = members(parcel.number, of: 50, size: 4)
            let three = members(parcel.number, of: 50, size: 3)
            #expect(parcel.trail == ["read", "g:\(four)", "x", "h:\(three)", "write"])
        }
    }

    @Test("takes the groups one by one, in order", arguments: jobCounts)
    func oneByOne(jobs: Int) {
        let (gauge, firsts) = (Gauge(), Guarded([Int]()))
        let together = Stage<Parcel>.together("together", size: 2) { parcels in
            gauge.rise()
            let first = parcels[0].number
            firsts.change { $0.append(first) }
            nap(first)
            gauge.fall()
        }
        _ = send(31, Line([through("read", width: 8), together], jobs: jobs, budget: 20))
        #expect(firsts.change { $0 } == Array(stride(from: 0, to: 31, by: 2)))
        #expect(gauge.highest == 1)
    }

    @Test("admits a whole group above the budget, and no more than that", arguments: jobCounts)
    func groupAboveBudget(jobs: Int) {
        let gauge = Gauge()
        let line = Line<Parcel>(
            [through("read", width: 3), gather("g", size: 8), through("write", width: 3)], jobs: jobs,
            budget: 3)
        #expect(line.span == 8)
        var parcels: [Int] = []
        _ = line.run(
            0..<29, bytes: { _ in 1 }, start: { Parcel(number: $0, token: Token(gauge)) },
            finish: {
                parcels.append($0.number)
                return .more
            })
        #expect(parcels == Array(0..<29))
        #expect(gauge.highest == 8)
    }

    @Test("finishes groups that overlap in two stages, whatever the budget", arguments: jobCounts)
    func overlapping(jobs: Int) {
        for (first, second, third) in [(8, 3, 5), (3, 8, 1), (2, 2, 2), (5, 7, 3)] {
            let gauge = Gauge()
            let line = Line(
                [
                    gather("a", size: first), through("x", width: 2), gather("b", size: second),
                    gather("c", size: third),
                ], jobs: jobs, budget: 1)
            var count = 0
            _ = line.run(
                0..<40, bytes: { _ in 1 }, start: { Parcel(number: $0, token: Token(gauge)) },
                finish: { _ in
                    count += 1
                    return .more
                })
            #expect(count == 40)
            #expect(gauge.highest <= line.span)
        }
    }

    @Test("makes one group of all items when the size is out of reach", arguments: jobCounts)
    func hugeGroup(jobs: Int) {
        let parcels = send(9, Line([gather("g", size: .max)], jobs: jobs, budget: 2))
        #expect(parcels.map { $0.trail } == Array(repeating: ["g:0+1+2+3+4+5+6+7+8"], count: 9))
    }

    @Test("leaves an item's storage to the body alone", arguments: jobCounts)
    func unique(jobs: Int) {
        let shared = Guarded(0)
        let alone = Stage<Parcel>.each("alone", width: 2) { parcel in
            if !isKnownUniquelyReferenced(&parcel.token) { shared.change { $0 += 1 } }
        }
        let together = Stage<Parcel>.together("together", size: 3) { parcels in
            for index in parcels.indices where !isKnownUniquelyReferenced(&parcels[index].token) {
                shared.change { $0 += 1 }
            }
        }
        let gauge = Gauge()
        _ = Line([alone, together, alone], jobs: jobs, budget: 6).run(
            0..<30, bytes: { _ in 1 }, start: { Parcel(number: $0, token: Token(gauge)) },
            finish: { _ in .more })
        #expect(gauge.total == 30)
        #expect(shared.change { $0 } == 0)
    }
}
