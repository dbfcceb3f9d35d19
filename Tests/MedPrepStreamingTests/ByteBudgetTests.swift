import MedPrepStreaming
import Testing

@Suite("ByteBudget") struct ByteBudgetTests {
    @Test("refuses what does not fit until enough was given back")
    func refuses() {
        var budget = ByteBudget(10)
        #expect(budget.take(6) == 6)
        #expect(budget.take(5) == nil)
        #expect(budget.take(4) == 4)
        budget.give(6)
        #expect(budget.take(5) == 5)
        #expect(budget.free == 1)
    }

    @Test("takes a request above the limit for the limit, below zero for zero")
    func clamps() {
        var budget = ByteBudget(10)
        #expect(budget.take(.max) == 10)
        #expect(budget.take(1) == nil)
        #expect(budget.take(.min) == 0)
        budget.give(10)
        #expect(budget.free == 10)
    }

    @Test("gives what is free to those who cannot wait")
    func whatIsFree() {
        var budget = ByteBudget(10)
        #expect(budget.takeWhatIsFree(7) == 7)
        #expect(budget.takeWhatIsFree(7) == 3)
        #expect(budget.takeWhatIsFree(7) == 0)
    }

    @Test("admits one item at a time without a limit above zero", arguments: [0, -1, Int.min])
    func noLimit(limit: Int) {
        var budget = ByteBudget(limit)
        #expect(budget.take(100) == 1)
        #expect(budget.take(100) == nil)
    }
}
