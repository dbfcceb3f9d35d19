import Testing

@Suite("GoldenTolerance") struct GoldenToleranceTests {
    let tolerance = GoldenTolerance(absolute: 0.5, relative: 0.25)

    @Test("admits abs + rel·|want|, that included, and no more")
    func bound() {
        #expect(tolerance.admits(-3, -2) && tolerance.admits(-1, -2))
        #expect(!tolerance.admits(-3.01, -2) && !tolerance.admits(-0.99, -2))
    }

    @Test("what is not a number agrees with its like alone")
    func notNumbers() {
        #expect(tolerance.admits(.nan, .nan) && tolerance.admits(.infinity, .infinity))
        #expect(!tolerance.admits(.nan, 0) && !tolerance.admits(0, .nan))
        #expect(!tolerance.admits(.infinity, 0) && !tolerance.admits(.infinity, -.infinity))
        #expect(!tolerance.admits(0, .infinity))
    }

    @Test("gives way to a peer that misses its own formula by more, and to no other")
    func peerError() {
        let want = GoldenValues([1, -2], sizes: [2])
        #expect(tolerance.allowing(peerError: 1, in: want).absolute == 0.5)
        #expect(tolerance.allowing(peerError: 1.5, in: want).absolute == 2)
    }

    @Test("names the first value that differs")
    func firstDifference() {
        let want = GoldenValues([1, 2, 3, 4, 5, 6], sizes: [2, 3])
        let got = GoldenValues([1, 2, 3, 4, 8, 9], sizes: [2, 3])
        #expect(tolerance.fault(in: want, against: want) == nil)
        #expect(
            tolerance.fault(in: got, against: want)
                == "2 of 6 values differ, first at [1, 1]: got 8.0, want 5.0, tolerance 0.5 + 0.25·|want|")
    }

    @Test("leaves out the voxels to ignore, all their channels")
    func ignored() {
        let want = GoldenValues([1, 2, 3, 4], sizes: [1, 1, 1, 2, 2])
        let got = GoldenValues([1, 2, 9, 9], sizes: [1, 1, 1, 2, 2])
        #expect(tolerance.fault(in: got, against: want, ignoring: [false, true]) == nil)
        #expect(tolerance.fault(in: got, against: want, ignoring: [true, false]) != nil)
        #expect(
            tolerance.fault(in: got, against: want, ignoring: [true, false, true])
                == "the voxels to ignore have another shape")
    }

    @Test("lists may lack axes of size 1, tensors may not")
    func shapes() {
        let list = GoldenValues([1, 2], sizes: [2])
        #expect(tolerance.fault(in: GoldenValues([1, 2], sizes: [1, 2]), against: list) == nil)
        #expect(
            tolerance.fault(in: GoldenValues([1], sizes: []), against: list) == "got the shape [], want [2]")
        let tensor = GoldenValues([1, 2], sizes: [1, 1, 1, 1, 2])
        #expect(
            tolerance.fault(in: GoldenValues([1, 2], sizes: [1, 1, 1, 2, 1]), against: tensor)
                == "got the shape [1, 1, 1, 2, 1], want [1, 1, 1, 1, 2]")
    }

    @Test("words agree letter by letter")
    func words() {
        #expect(tolerance.fault(in: GoldenValues(text: "ok"), against: GoldenValues(text: "ok")) == nil)
        #expect(
            tolerance.fault(in: GoldenValues(text: "ok"), against: GoldenValues(text: "severe"))
                == "got ok, want severe")
    }
}
