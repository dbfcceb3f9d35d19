import MedPrepCore

/// A scalar as files store it. Generic loops over it stay in this module and are called with concrete types only, so each
/// is compiled for its type; `Float(raw)` of a generic integer would not be.
protocol StoredElement: BitwiseCopyable {
    var float: Float { get }
    var double: Double { get }
    /// The bits of eight bytes that tell a number from 0.
    static var magnitudes: UInt64 { get }
}

extension StoredElement {
    static var magnitudes: UInt64 { .max }
}

extension UInt8: StoredElement {
    var float: Float { Float(self) }
    var double: Double { Double(self) }
}
extension Int8: StoredElement {
    var float: Float { Float(self) }
    var double: Double { Double(self) }
}
extension UInt16: StoredElement {
    var float: Float { Float(self) }
    var double: Double { Double(self) }
}
extension Int16: StoredElement {
    var float: Float { Float(self) }
    var double: Double { Double(self) }
}
extension UInt32: StoredElement {
    var float: Float { Float(self) }
    var double: Double { Double(self) }
}
extension Int32: StoredElement {
    var float: Float { Float(self) }
    var double: Double { Double(self) }
}
// 64 bits go through Double, as scaled values do.
extension UInt64: StoredElement {
    var float: Float { Float(Double(self)) }
    var double: Double { Double(self) }
}
extension Int64: StoredElement {
    var float: Float { Float(Double(self)) }
    var double: Double { Double(self) }
}
extension Float: StoredElement {
    var float: Float { self }
    var double: Double { Double(self) }
    // −0 is a zero too.
    static var magnitudes: UInt64 { 0x7fff_ffff_7fff_ffff }
}
extension Double: StoredElement {
    var float: Float { Float(self) }
    var double: Double { self }
    static var magnitudes: UInt64 { 0x7fff_ffff_ffff_ffff }
}

/// What reads a tensor's values where they lie, be they Floats or the numbers of a file.
protocol ElementLoop {
    associatedtype Result
    func callAsFunction<Element: StoredElement>(_ values: UnsafeBufferPointer<Element>) -> Result
}

extension Tensor {
    /// The values as they are: asking for them changes nothing.
    func withElements<Loop: ElementLoop>(_ loop: Loop) -> Loop.Result {
        var result: Loop.Result?
        withStoredBytes { type, bytes in
            switch type {
            case .uint8: result = loop(bytes.bindMemory(to: UInt8.self))
            case .int8: result = loop(bytes.bindMemory(to: Int8.self))
            case .uint16: result = loop(bytes.bindMemory(to: UInt16.self))
            default: result = loop(bytes.bindMemory(to: Int16.self))
            }
        }
        return result ?? withUnsafeValues { loop($0) }
    }
}
