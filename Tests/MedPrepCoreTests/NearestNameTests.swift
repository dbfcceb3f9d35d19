import MedPrepCore
import Testing

@Suite("Nearest name") struct NearestNameTests {
    static let names = ["orient", "resample", "zscore", "spacing_ijk", "spacing_dhw", "to"]

    @Test(
        "is at most a third of the length away",
        arguments: [
            ("resampel", "resample"), ("Resample", "resample"), ("resmple", "resample"), ("orien", "orient"),
            ("z-score", "zscore"), ("spacing_ikj", "spacing_ijk"), ("spacing", nil), ("ot", nil), ("", nil),
            ("clip", nil), ("TO", "to"), ("rsmpl", nil), ("xxsamplxx", nil),
        ] as [(String, String?)])
    func near(name: String, expected: String?) {
        #expect(nearest(to: name, in: Self.names) == expected)
    }

    @Test("of equally near names is the first")
    func ties() {
        #expect(nearest(to: "cat", in: ["bat", "hat"]) == "bat")
        #expect(nearest(to: "cat", in: ["bat", "hat", "cat"]) == "cat")
        #expect(nearest(to: "cat", in: []) == nil)
    }

    @Test("a swap of neighbours is one edit")
    func swap() {
        #expect(nearest(to: "acb", in: ["abc"]) == "abc")
        #expect(nearest(to: "bca", in: ["abc"]) == nil)
    }

    @Test("a name of megabytes is turned away at once")
    func long() {
        #expect(nearest(to: String(repeating: "a", count: 2_000_000), in: Self.names) == nil)
    }
}
