public import MedPrepCore

/// One value for each axis, in the order (x, y, z) = (w, h, d). JSON spells it `…_ijk` in this order or `…_dhw` in
/// the other; one value stands for all three.
public struct Triplet<Element: ParameterValue & Hashable>: ParameterValue, Hashable {
    public var x: Element
    public var y: Element
    public var z: Element

    public init(_ x: Element, _ y: Element, _ z: Element) { (self.x, self.y, self.z) = (x, y, z) }
    public init(_ all: Element) { self.init(all, all, all) }

    public subscript(axis: Int) -> Element { axis == 0 ? x : axis == 1 ? y : z }

    public static var form: ParameterForm { .triplet(Element.form) }

    public init?(json: JSONValue) {
        guard case .array(let values) = json else {
            guard let all = Element(json: json) else { return nil }
            self.init(all)
            return
        }
        guard values.count == 3, let x = Element(json: values[0]), let y = Element(json: values[1]),
            let z = Element(json: values[2])
        else { return nil }
        self.init(x, y, z)
    }

    public var json: JSONValue { .array([x.json, y.json, z.json]) }
    public var numbers: [Double] { x.numbers + y.numbers + z.numbers }
}

extension Triplet<Int> {
    public var simd: SIMD3<Int> { SIMD3(x, y, z) }
}
