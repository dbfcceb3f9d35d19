import MedPrepCore
import MedPrepOperators
import MedPrepTestSupport
import Testing

@Suite("Contract of every operator's parameters") struct ParameterContractTests {
    private func faults(_ example: StepExample) throws -> [ParameterError] {
        let type = try example.type
        do throws(ParameterErrors) {
            _ = try type.init(parameters: example.members)
            return []
        } catch {
            return error.faults
        }
    }

    /// The stored properties and what they hold.
    private func properties(_ step: any Operator) -> [(label: String, value: String)] {
        Mirror(reflecting: step).children.map { ($0.label ?? "", String(describing: $0.value)) }
    }

    /// "outMin" and "out_min" are alike; a triplet's key is its stem's.
    private func plain(_ name: String, isTriplet: Bool = false) -> String {
        String((isTriplet ? String(name.dropLast(4)) : name).lowercased().filter { $0 != "_" })
    }

    @Test("the table of minimal examples names each operator that needs parameters, and no other")
    func table() throws {
        for name in Catalog.names {
            let isContent = try faults(StepExample(name)).isEmpty
            let isListed = StepExample.minimal.contains { $0.name == name }
            #expect(isContent != isListed, "\(name): list in StepExamples.swift what it needs at least")
        }
        for example in StepExample.minimal + StepExample.variants {
            #expect(Catalog.names.contains(example.name))
        }
    }

    @Test("defaults are valid, or exactly what is missing is named", arguments: minimalSteps)
    func defaults(example: StepExample) throws {
        #expect(try faults(example).isEmpty)
        let bare = try faults(StepExample(example.name))
        if example.members.isEmpty { return }
        let parameters = OperatorDescription(try example.type).parameters
        let required = parameters.filter { $0.defaultValue == nil }.map(\.key)
        let known = parameters.map(\.key)
        #expect(bare.count == max(required.count, 1))
        for (index, fault) in bare.enumerated() {
            switch fault {
            case .missing(let keys) where !required.isEmpty: #expect(keys[0] == required[index])
            // None is required alone: some of several would do.
            case .missing(let keys), .conflict(let keys, _):
                #expect(keys.count > 1 && keys.allSatisfy(known.contains))
            default: Issue.record("\(fault)")
            }
        }
        for member in example.members {
            let others = example.members.filter { $0 != member }
            #expect(try !faults(StepExample(example.name, .object(others))).isEmpty, "\(member.key)")
        }
    }

    @Test("what is written is read back the same", arguments: contractSteps)
    func roundTrip(example: StepExample) throws {
        let step = try example.step
        let again = try example.type.init(parameters: step.parameters)
        #expect(again.parameters == step.parameters)
        #expect(properties(again).map(\.value) == properties(step).map(\.value))
        for member in example.members where !member.key.hasSuffix("_dhw") {
            let found = step.parameters.first { $0.key == member.key }?.value
            let isBroadcast = found?.array?.allSatisfy { $0.double == member.value.double } ?? false
            let isSame = found == member.value || found?.double == member.value.double || isBroadcast
            #expect(isSame, "\(member.key)")
        }
    }

    @Test("the card names exactly the stored properties and describes each", arguments: minimalSteps)
    func card(example: StepExample) throws {
        let description = OperatorDescription(try example.type)
        let named = description.parameters.map { plain($0.key, isTriplet: $0.form.isTriplet) }
        let stored = properties(try example.step).map { plain($0.label) }
        #expect(named.sorted() == stored.sorted())
        #expect(Set(named).count == named.count)
        for text in [description.summary, description.geometry, description.formula, description.sameAs] {
            #expect(!text.isEmpty)
        }
        for parameter in description.parameters {
            #expect(parameter.summary.hasSuffix("."), "\(parameter.key)")
            #expect(parameter.summary.count > 10, "\(parameter.key)")
        }
    }

    @Test("a parameter sets the property that has its name, and no other", arguments: minimalSteps)
    func targets(example: StepExample) throws {
        let before = properties(try example.step)
        for parameter in OperatorDescription(try example.type).parameters
        where !parameter.rules.contains(.preset) {
            for sample in parameter.form.samples {
                guard let step = try? example.with(parameter.key, sample).step else { continue }
                let differing = zip(before, properties(step)).filter { $0.value != $1.value }
                let changed = differing.map { plain($1.label) }
                let expected = plain(parameter.key, isTriplet: parameter.form.isTriplet)
                #expect(changed.isEmpty || changed == [expected], "\(parameter.key): \(sample.line)")
            }
        }
    }

    @Test("a key that does not exist is named with the nearest that does", arguments: minimalSteps)
    func unknown(example: StepExample) throws {
        let parameters = OperatorDescription(try example.type).parameters
        for parameter in parameters where parameter.key.count > 3 {
            let typo = String(parameter.key.dropLast()) + "x" + String(parameter.key.suffix(1))
            let found = try faults(example.with(typo, 1))
            guard case .unknown(typo, let known) = found.first, found.count == 1 else {
                Issue.record("\(typo): \(found)")
                continue
            }
            #expect(nearest(to: typo, in: known) == parameter.key)
        }
        #expect(try faults(example.with("_comment", "ignored")).isEmpty)
    }

    @Test("every parameter refuses JSON of another form", arguments: minimalSteps)
    func forms(example: StepExample) throws {
        for parameter in OperatorDescription(try example.type).parameters {
            let refused = probes.filter { !parameter.form.admits($0) }
            #expect(refused.count >= 4)
            for probe in refused {
                let expected = ParameterError.wrongForm(
                    parameter.key, found: probe, expected: parameter.form.description)
                #expect(try faults(example.with(parameter.key, probe)).contains(expected), "\(probe.line)")
            }
        }
    }

    @Test("every parameter with bounds refuses a value outside", arguments: minimalSteps)
    func ranges(example: StepExample) throws {
        for parameter in OperatorDescription(try example.type).parameters {
            for rule in parameter.rules {
                guard let number = rule.forbidden else { continue }
                let json = try #require(parameter.form.holding(number), "\(parameter.key) holds no number")
                let expected = ParameterError.outOfRange(
                    parameter.key, found: number, expected: rule.description)
                #expect(try faults(example.with(parameter.key, json)).contains(expected), "\(parameter.key)")
            }
        }
    }
}
