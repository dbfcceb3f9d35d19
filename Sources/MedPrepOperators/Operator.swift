public import MedPrepCore

/// One step of a pipeline. Four protocols refine it – spatial, intensity, learning, report – and nothing refines
/// those.
///
/// An operator is a value with parameters. Its `card` is the only place a parameter is described: JSON decoding,
/// encoding, range checks, the schema and the help come from it.
public protocol Operator: Sendable {
    static var card: Card<Self> { get }

    /// Every default of SEMANTICS 12. A parameter without one is optional here and `.required` on the card.
    init()

    /// Faults that concern more than one parameter; ranges are the card's business.
    func check() throws(ParameterError)

    /// Called while decoding, after the parameters marked `.preset` and before the others: sets what the preset
    /// (`compat`, `convention`) chooses, so that a key that is written wins.
    mutating func adoptPreset()
}

extension Operator {
    public func check() throws(ParameterError) {}
    public mutating func adoptPreset() {}

    /// The name in JSON: the type's name in snake_case.
    public static var name: String { snakeCase("\(Self.self)") }
    public var name: String { Self.name }

    /// From the members of a step but `op`; a missing key is the default. All faults are thrown together.
    public init(parameters members: [JSONValue.Member]) throws(ParameterErrors) {
        self.init()
        var faults = [ParameterError]()
        let parameters = Self.card.parameters
        var taken = Set<String>()
        func decode(_ chosen: [Parameter<Self>], into owner: inout Self) {
            for parameter in chosen {
                let written = members.filter { parameter.keys.contains($0.key) }
                taken.formUnion(parameter.keys)
                if written.count > 1 {
                    faults.append(.bothSpellings(written.map(\.key)))
                } else if let member = written.first {
                    do {
                        try parameter.write(&owner, member.value, member.key)
                    } catch {
                        faults.append(error)
                    }
                } else if parameter.isRequired {
                    faults.append(.missing(parameter.keys))
                }
            }
        }
        var decoded = self
        decode(parameters.filter(\.isPreset), into: &decoded)
        decoded.adoptPreset()
        decode(parameters.filter { !$0.isPreset }, into: &decoded)
        let known = parameters.flatMap(\.keys)
        for member in members where !taken.contains(member.key) && !member.key.hasPrefix("_") {
            if parameters.contains(where: { $0.name == member.key }) {
                faults.append(.noSuffix(member.key))
            } else {
                faults.append(.unknown(member.key, known: known))
            }
        }
        if faults.isEmpty {
            do { try decoded.check() } catch { faults.append(error) }
        }
        guard faults.isEmpty else { throw ParameterErrors(faults) }
        self = decoded
    }

    /// Every parameter with its resolved value, in the order of the card.
    public var parameters: [JSONValue.Member] {
        Self.card.parameters.map { .init($0.keys[0], $0.read(self)) }
    }
}

/// "ClipPercentiles" → "clip_percentiles", "ZScore" → "zscore", "RMSNorm" → "rms_norm".
package func snakeCase(_ name: String) -> String {
    let letters = Array(name)
    var out = ""
    for (index, letter) in letters.enumerated() {
        let startsWord =
            letter.isUppercase && index > 0
            && (letters[index - 1].isLowercase
                || (index > 1 && index + 1 < letters.count && letters[index + 1].isLowercase))
        if startsWord { out += "_" }
        out += letter.lowercased()
    }
    return out
}
