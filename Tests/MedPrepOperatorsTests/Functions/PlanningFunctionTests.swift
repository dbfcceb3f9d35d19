import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

private func message(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "accepted"
    } catch { return "\(error)" }
}

@Suite("New shape, target spacing, labels") struct PlanningFunctionTests {
    @Test("sizes round half to even, at least 1, in either axis order")
    func newShape() throws {
        let shape = try NewShape(parameters: [
            .init("shape_dhw", [5, 7, 1]), .init("spacing_ijk", 1), .init("target_dhw", [2, 2, 9]),
        ])
        #expect(try shape() == SIMD3(1, 4, 2))
        let huge = try NewShape(parameters: [
            .init("shape_ijk", [9, 1, 1]), .init("spacing_ijk", 1e300), .init("target_ijk", 1e-300),
        ])
        #expect(message { _ = try huge() } == "a grid of \(Int.max)x1x1 voxels is too large")
        #expect(
            message { _ = try NewShape(parameters: []) }
                == "\"shape_ijk\" or \"shape_dhw\" is missing; it has no default; \"spacing_ijk\" or \"spacing_dhw\" "
                + "is missing; it has no default; \"target_ijk\" or \"target_dhw\" is missing; it has no default"
        )
    }

    private func target(_ spacings: JSONValue, _ shapes: JSONValue, _ key: String = "dhw") throws -> SIMD3<
        Double
    > {
        try TargetSpacing(parameters: [
            .init("spacings_\(key)", spacings), .init("shapes_\(key)", shapes),
        ])()
    }

    @Test("the median of each axis; lists of triplets turn with their suffix")
    func isotropic() throws {
        let shapes: JSONValue = [[9, 9, 9], [9, 9, 9]]
        #expect(try target([[1, 2, 3], [2, 2, 5]], shapes) == SIMD3(4, 2, 1.5))
        #expect(try target([[1, 2, 3], [2, 2, 5]], shapes, "ijk") == SIMD3(1.5, 2, 4))
    }

    @Test("a coarse axis of few voxels takes its 10th percentile, but stays above the others")
    func coarse() throws {
        let shapes: JSONValue = [[10, 200, 200], [10, 200, 200]]
        let low = try target([[5, 1, 1], [9, 1, 1]], shapes)
        #expect(abs(low.z - 5.4) < 1e-12 && low.x == 1)
        let floor = try target([[0.5, 1, 1], [20, 1, 1]], shapes, "dhw")
        #expect(abs(floor.z - 2.45) < 1e-12)
        let above = try target(
            [[0.5, 1, 1], [0.5, 1, 1], [20, 1, 1], [20, 1, 1]],
            [[9, 99, 99], [9, 99, 99], [9, 99, 99], [9, 99, 99]])
        #expect(above.z == 1 + 1e-5)
        let many = try target([[5, 1, 1], [9, 1, 1]], [[100, 200, 200], [100, 200, 200]])
        #expect(many.z == 7)
        #expect(
            message { _ = try target([[1, 1, 1]], shapes) }
                == "1 spacings and 2 shapes; give one of each for every case, and one case at least")
    }

    @Test("labels move alone; at their own size they stay where they are")
    func labels() throws {
        let grid = Grid(w: 6, h: 5, d: 4, step: SIMD3(1, 1, 1))
        let volume = Volume(
            tensor: Tensor(Shape(extent: grid.extent), (0..<120).map { Float($0 / 30) }), grid: grid,
            role: .label)
        let half = try ResampleLabels(parameters: [.init("spacing_ijk", 0.5)])
        let found = try half(volume, workers: Workers(2))
        #expect(found.grid.extent == SIMD3(12, 10, 8) && found.role == .label)
        #expect(Set(found.tensor.values) == [0, 1, 2, 3])
        let same = try ResampleLabels(parameters: [.init("spacing_ijk", 1), .init("order", 0)])(volume)
        #expect(same.tensor.storageAddress == volume.tensor.storageAddress)
        for order in 0...1 {
            var votes = half
            (votes.order, votes.orderZ, votes.separateZ) = (order, order, .never)
            let one = Volume(tensor: Tensor(Shape(d: 1, h: 1, w: 1), [7]), grid: Grid(w: 1, h: 1, d: 1))
            #expect(try votes(one).tensor.values == Array(repeating: 7, count: 8))
        }
    }

    @Test("have cards like steps, stand among the functions, and say what a pipeline uses instead")
    func cards() {
        let functions = Catalog.functions.map { $0.name }
        for name in ["resample_labels", "new_shape", "target_spacing", "fingerprint", "pipeline"] {
            #expect(functions.contains(name))
            #expect(!Catalog.names.contains(name))
        }
        for function in Catalog.functions {
            let text = OperatorDescription(function)
            #expect(!text.summary.isEmpty && !text.formula.isEmpty && !function.useInstead.isEmpty)
            #expect(text.parameters.allSatisfy { $0.summary.hasSuffix(".") })
        }
    }
}
