public import MedPrepCore

/// The limits of batch_renorm as functions of the training step: piecewise linear through (step, limit), flat before
/// the first and after the last.
public struct RenormSchedule: ParameterValue, Hashable {
    public var rMax: [Point]
    public var dMax: [Point]

    public struct Point: Hashable, Sendable {
        public var step: Double
        public var limit: Double
        public init(step: Double, limit: Double) { (self.step, self.limit) = (step, limit) }
    }

    public init(rMax: [Point], dMax: [Point]) { (self.rMax, self.dMax) = (rMax, dMax) }

    /// The published one: batch norm up to step 5000, then r_max to 3 at 40000 and d_max to 5 at 25000.
    public static let paper = RenormSchedule(
        rMax: [Point(step: 5000, limit: 1), Point(step: 40000, limit: 3)],
        dMax: [Point(step: 5000, limit: 0), Point(step: 25000, limit: 5)])

    package func rMax(at step: Double) -> Double { Self.limit(rMax, at: step) }
    package func dMax(at step: Double) -> Double { Self.limit(dMax, at: step) }

    private static func limit(_ points: [Point], at step: Double) -> Double {
        guard let next = points.firstIndex(where: { $0.step > step }) else {
            return points[points.count - 1].limit
        }
        if next == 0 { return points[0].limit }
        let (a, b) = (points[next - 1], points[next])
        return a.limit + (b.limit - a.limit) * ((step - a.step) / (b.step - a.step))
    }

    public static var form: ParameterForm {
        .object([.init("r_max", .list(.list(.number))), .init("d_max", .list(.list(.number)))])
    }

    /// Steps must rise; r_max is at least 1 and d_max at least 0.
    public init?(json: JSONValue) {
        guard json.members?.count == 2, let rMax = Self.points(json["r_max"], atLeast: 1),
            let dMax = Self.points(json["d_max"], atLeast: 0)
        else { return nil }
        self.init(rMax: rMax, dMax: dMax)
    }

    private static func points(_ json: JSONValue?, atLeast bound: Double) -> [Point]? {
        guard let pairs = [[Double]](json: json ?? .null), !pairs.isEmpty,
            pairs.allSatisfy({ $0.count == 2 && $0[1] >= bound }),
            zip(pairs, pairs.dropFirst()).allSatisfy({ $0[0] < $1[0] })
        else { return nil }
        return pairs.map { Point(step: $0[0], limit: $0[1]) }
    }

    public var json: JSONValue {
        func text(_ points: [Point]) -> JSONValue { .array(points.map { .numbers([$0.step, $0.limit]) }) }
        return ["r_max": text(rMax), "d_max": text(dMax)]
    }
}
