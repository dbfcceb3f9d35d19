import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("Ravel") struct RavelTests {
    static let shape = Shape(d: 4, h: 9, w: 11, c: 2)
    static let scanCount = 8

    /// The first 60 voxels are controls.
    static let context: Context = {
        var context = Context()
        let single = Shape(d: 4, h: 9, w: 11)
        let mask = Tensor(single, (0..<single.count).map { Float($0 < 60 ? 1 : 0) })
        context.masks = [(name: "csf", tensor: mask, role: .mask)]
        return context
    }()

    /// What a voxel is without the unwanted factor, how strongly it feels it, and the factor of each scan, whose
    /// mean is 0. Controls are nothing but the factor.
    static func population(_ seed: UInt64) -> (
        anatomy: [Float], gain: [Float], factor: [Float], scans: [Tensor]
    ) {
        let random = Tensor.random(shape, seed: seed, mean: 2, spread: 1).values
        let anatomy = random.indices.map { $0 / 2 < 60 ? 0 : random[$0] }
        let gain = Tensor.random(shape, seed: seed + 100, mean: 1, spread: 0.5).values
        var factor = Tensor.random(Shape(d: 1, h: 1, w: scanCount), seed: seed + 200, spread: 2).values
        let mean = factor.reduce(0, +) / Float(scanCount)
        factor = factor.map { $0 - mean }
        let scans = factor.map { z in Tensor(shape, anatomy.indices.map { anatomy[$0] + gain[$0] * z }) }
        return (anatomy, gain, factor, scans)
    }

    static func cleaned(_ scans: [Tensor], factors: Int = 1, _ context: Context = context) throws -> [Tensor]
    {
        var (step, results) = (Ravel(), [Tensor]())
        step.factors = factors
        try step(scans.count, in: context, load: { scans[$0] }, store: { results.append($1) })
        return results
    }

    @Test("takes a known unwanted factor off and leaves the anatomy", arguments: 1...20)
    func known(seed: UInt64) throws {
        let (anatomy, _, _, scans) = Self.population(seed)
        let found = try Self.cleaned(scans)
        #expect(found.count == Self.scanCount)
        for scan in found {
            let worst = zip(scan.values, anatomy).map { abs($0 - $1) }.max() ?? .infinity
            #expect(worst < 2e-5)
        }
    }

    @Test("keeps what differs between scans without the factor")
    func biology() throws {
        let (anatomy, _, factor, clean) = Self.population(3)
        // An effect that is orthogonal to the factor.
        var effect = Tensor.random(Shape(d: 1, h: 1, w: Self.scanCount), seed: 77).values
        let share = zip(effect, factor).reduce(0) { $0 + $1.0 * $1.1 } / factor.reduce(0) { $0 + $1 * $1 }
        effect = zip(effect, factor).map { $0 - share * $1 }
        let scans = zip(clean, effect).map { scan, e in
            Tensor(
                Self.shape,
                scan.values.enumerated().map { $0.offset / 2 < 60 ? $0.element : $0.element + 3 * e })
        }
        for (scan, e) in zip(try Self.cleaned(scans), effect) {
            for (index, x) in scan.values.enumerated() where index / 2 >= 60 {
                let expected = anatomy[index] + 3 * e
                #expect(abs(x - expected) < 5e-5)
            }
        }
    }

    @Test("two factors are taken off together, the same bits on any number of workers")
    func two() throws {
        let (anatomy, gain, _, clean) = Self.population(5)
        let second = Self.population(6)
        // The second factor made orthogonal to 1 already; its gain is another one.
        let scans = zip(clean, second.factor).map { scan, z in
            Tensor(
                Self.shape, scan.values.indices.map { scan.values[$0] + second.gain[gain.count - 1 - $0] * z }
            )
        }
        let found = try Self.cleaned(scans, factors: 2)
        for scan in found {
            let worst = zip(scan.values, anatomy).map { abs($0 - $1) }.max() ?? .infinity
            #expect(worst < 5e-5)
        }
        var context = Self.context
        for workers in 2...3 {
            context.workers = Workers(workers)
            let others = try Self.cleaned(scans, factors: 2, context)
            for (a, b) in zip(found, others) {
                #expect(a.values.map(\.bitPattern) == b.values.map(\.bitPattern))
            }
        }
    }

    @Test("a voxel that is not finite stays, and leaves the others alone")
    func notFinite() throws {
        let (anatomy, _, _, scans) = Self.population(9)
        var damaged = scans
        damaged[2][d: 0, h: 0, w: 3, c: 0] = .nan
        damaged[4][d: 3, h: 8, w: 10, c: 1] = .infinity
        let found = try Self.cleaned(damaged)
        #expect(found[2][d: 0, h: 0, w: 3, c: 0].isNaN)
        #expect(found[4][d: 3, h: 8, w: 10, c: 1] == .infinity)
        let last = anatomy.count - 1
        for scan in found {
            for (index, x) in scan.values.enumerated() where index != 6 && index != last {
                let difference = abs(x - anatomy[index])
                #expect(difference < 2e-5)
            }
        }
    }

    @Test("says what it cannot do")
    func refusals() {
        let scans = Self.population(1).scans
        func message(_ scans: [Tensor], factors: Int = 1, _ context: Context = Self.context) -> String {
            do {
                _ = try Self.cleaned(scans, factors: factors, context)
                return "accepted"
            } catch {
                return "\(error)"
            }
        }
        #expect(message([scans[0]]) == "ravel compares scans, found 1; give at least two")
        #expect(
            message(scans, factors: 8)
                == "8 factors of 8 scans cannot be told from the scans; expected 1 to 7")
        #expect(
            message(scans, factors: 3)
                == "the control voxels of channel 0 vary in 1 ways, not 3; use fewer factors")
        #expect(
            message(scans, Context())
                == "controls: mask \"file\" needs a mask, and this case has none; name one under input.masks")
        let other = Tensor(Shape(d: 1, h: 1, w: 1))
        #expect(
            message([scans[0], other])
                == "scan 1 has the shape 1x1x1x1x1, the first 1x4x9x11x2; register the scans to one grid")
        var empty = Self.context
        empty.masks = [(name: "csf", tensor: Tensor(Shape(d: 4, h: 9, w: 11)), role: .mask)]
        #expect(
            message(scans, empty)
                == "controls: the mask \"file\" holds no voxel; choose another mask, or leave it out to use every voxel"
        )
    }

    @Test("a scan that cannot be loaded or stored is named")
    func failures() {
        struct Broken: Error, CustomStringConvertible { let description = "no such file" }
        let scans = Self.population(1).scans
        #expect(throws: RavelError.scan(5, reason: "no such file")) {
            try Ravel()(
                8, in: Self.context,
                load: {
                    if $0 == 5 { throw Broken() }
                    return scans[$0]
                }, store: { _, _ in })
        }
        #expect(throws: RavelError.scan(0, reason: "no such file")) {
            try Ravel()(8, in: Self.context, load: { scans[$0] }, store: { _, _ in throw Broken() })
        }
    }

    @Test("is a function of the catalog, not a step")
    func catalog() {
        #expect(Catalog.functions.contains { $0.name == "ravel" })
        #expect(!Catalog.names.contains("ravel"))
        #expect(!Ravel.useInstead.isEmpty)
    }
}
