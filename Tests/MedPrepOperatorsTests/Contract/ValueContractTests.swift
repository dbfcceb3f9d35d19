import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("Contract of every step that changes or reports values") struct ValueContractTests {
    static let steps = contractSteps.filter { example in
        ((try? example.type) as? any SpatialOperator.Type) == nil
    }

    private func bits(_ tensor: Tensor) -> [UInt32] { tensor.values.map(\.bitPattern) }

    /// The example on these channels: running statistics must have one value for each.
    private func step(_ example: StepExample, channels: Int) throws -> any Operator {
        guard example.members.contains(where: { $0.key == "running_mean" }) else { return try example.step }
        func each(_ value: Double) -> JSONValue { .numbers(Array(repeating: value, count: channels)) }
        return try example.with("running_mean", each(3)).with("running_var", each(4)).step
    }

    @Test("gives the same bits on 1, 2 and 3 workers, with N and C above 1", arguments: steps)
    func workers(example: StepExample) throws {
        let shape = Shape(n: 2, d: 17, h: 45, w: 45, c: 2)
        #expect(shape.slabs.count == 4)
        let (tensor, step) = (contractTensor(shape), try step(example, channels: 2))
        var results = [ValueResult]()
        for workers in 1...3 {
            let context = contractContext(over: shape, workers: workers)
            results.append(try #require(try valueResult(of: step, on: tensor, in: context)))
        }
        for other in results[1...] {
            #expect(bits(other.tensor) == bits(results[0].tensor))
            #expect(other.findings == results[0].findings)
            #expect(other.look == results[0].look)
        }
        #expect(results[0].tensor.shape == shape)
    }

    @Test("works in place through the existential, as the run calls it", arguments: steps)
    func storage(example: StepExample) throws {
        let shape = Shape(d: 4, h: 5, w: 6, c: 2)
        let tensor = contractTensor(shape)
        let address = tensor.storageAddress
        let (step, context) = (try step(example, channels: 2), contractContext(over: shape))
        let result = try #require(try valueResult(of: step, on: consume tensor, in: context))
        #expect(result.tensor.storageAddress == address)
    }

    @Test(
        "what acts on each value makes of a plane alone what it makes of it in the scan",
        arguments: steps.filter { ((try? $0.step) as? any IntensityOperator)?.actsOnEachValue == true })
    func planes(example: StepExample) throws {
        let (shape, plane) = (Shape(d: 4, h: 5, w: 6), Shape(d: 1, h: 5, w: 6))
        let (before, step) = (contractTensor(shape), try step(example, channels: 1))
        let whole = try #require(try valueResult(of: step, on: before, in: contractContext(over: shape)))
        // Counted numbers are followed through these maps.
        #expect(whole.maps?.isEmpty == false)
        for index in 0..<shape.d {
            let part = Tensor(plane, Array(before.values[index * plane.count..<(index + 1) * plane.count]))
            let alone = try #require(try valueResult(of: step, on: part, in: contractContext(over: plane)))
            #expect(
                bits(alone.tensor)[...] == bits(whole.tensor)[index * plane.count..<(index + 1) * plane.count]
            )
            #expect(alone.findings == whole.findings)
        }
    }

    @Test("limits, shifts and windows act on each value; a window that refuses does not")
    func whoActsOnEachValue() throws {
        let names = try minimalSteps.filter {
            try ($0.step as? any IntensityOperator)?.actsOnEachValue == true
        }
        #expect(names.map(\.name).sorted() == ["clip", "shift_scale", "window"])
        let strict = try StepExample("window", ["center": 40, "width": 80, "require_in_range": true]).step
        #expect((strict as? any IntensityOperator)?.actsOnEachValue == false)
    }

    @Test("what a step notes as maps of the values is all that it did", arguments: steps)
    func maps(example: StepExample) throws {
        let shape = Shape(d: 4, h: 5, w: 6, c: 2)
        let before = contractTensor(shape)
        let step = try step(example, channels: 2)
        let result = try #require(try valueResult(of: step, on: before, in: contractContext(over: shape)))
        guard let maps = result.maps, !maps.isEmpty else { return }
        let (old, new) = (before.values, result.tensor.values)
        #expect(old.indices.map { maps($0 % 2, old[$0]) } == new)
        guard maps.allSatisfy(\.keepsOrder) else { return }
        for channel in 0..<2 {
            let order = stride(from: channel, to: old.count, by: 2).sorted { old[$0] < old[$1] }
            #expect(zip(order, order.dropFirst()).allSatisfy { new[$0] <= new[$1] })
        }
    }

    @Test("a report leaves every bit as it is and writes JSON", arguments: steps)
    func reports(example: StepExample) throws {
        let shape = Shape(n: 2, d: 3, h: 5, w: 7, c: 2)
        var values = contractTensor(shape).values
        values[3] = .nan
        values[8] = -.infinity
        let tensor = Tensor(shape, values)
        let context = contractContext(over: shape, nonfinite: .ignore)
        let result = try #require(
            try valueResult(of: try step(example, channels: 2), on: tensor, in: context))
        guard try example.type is any ReportOperator.Type else {
            #expect(result.look == nil)
            return
        }
        #expect(bits(result.tensor) == bits(tensor))
        #expect(result.look?.members?.isEmpty == false)
    }

    @Test("makes no NaN: none from finite values, elsewhere only where one was", arguments: steps)
    func nan(example: StepExample) throws {
        for shape in [Shape(d: 5, h: 6, w: 7), Shape(n: 2, d: 5, h: 6, w: 7, c: 3)] {
            let step = try step(example, channels: shape.c)
            let tensor = contractTensor(shape)
            let finite = try #require(
                try valueResult(of: step, on: tensor, in: contractContext(over: shape)))
            #expect(finite.tensor.values.allSatisfy { $0.isFinite })
            var values = tensor.values
            for index in stride(from: 1, to: values.count, by: 13) { values[index] = .nan }
            let context = contractContext(over: shape, nonfinite: .ignore)
            let result = try #require(
                try valueResult(of: step, on: Tensor(shape, values), in: context))
            let spread = zip(result.tensor.values, values).contains { $0.isNaN && !$1.isNaN }
            #expect(!spread)
            // What is not inside a mask may be set to a value.
            let isFilled = example.members.contains { $0.value == "stats_and_output" }
            #expect(isFilled || !zip(result.tensor.values, values).contains { !$0.isNaN && $1.isNaN })
        }
    }

    @Test("any shape gives finite values or a typed error that leaves the tensor", arguments: steps)
    func shapes(example: StepExample) throws {
        for shape in contractShapes {
            let step = try step(example, channels: shape.c)
            for tensor in [contractTensor(shape), Tensor(shape, repeating: 7), Tensor(shape)] {
                do throws(OperatorError) {
                    let result = try valueResult(of: step, on: tensor, in: contractContext(over: shape))
                    #expect(result?.tensor.shape == shape)
                    #expect(result?.tensor.values.allSatisfy { $0.isFinite } == true, "\(shape)")
                } catch {
                    #expect(!error.description.isEmpty && !error.code.isEmpty)
                }
            }
        }
    }

    @Test("a volume without a finite value is a typed error, or stays as it is", arguments: steps)
    func nothingFinite(example: StepExample) throws {
        let shape = Shape(d: 2, h: 3, w: 4)
        let (tensor, step) = (Tensor(shape, repeating: .nan), try step(example, channels: 1))
        let context = contractContext(over: shape, nonfinite: .ignore)
        do throws(OperatorError) {
            let result = try valueResult(of: step, on: tensor, in: context)
            let kept = result?.tensor.values.filter { $0.isNaN }.count ?? 0
            let isFilled = example.members.contains { $0.value == "stats_and_output" }
            #expect(kept == shape.count || isFilled)
        } catch {
            #expect(["no_finite_value", "empty_mask"].contains(error.code))
        }
    }
}
