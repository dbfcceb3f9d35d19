package import CMedPrepNIfTI

/// Where a field of a header lies. It comes from the official C struct: no offset is typed by hand.
package struct NIfTIField: Hashable, Sendable {
    package let offset: Int
    /// Bytes of one element.
    package let width: Int
    package let count: Int
}

/// A header struct that knows its fields, so that it can turn its byte order.
package protocol NIfTILayout {
    init()
    /// All fields in order, without a gap.
    static var fields: [NIfTIField] { get }
}

extension NIfTILayout {
    static func field<Value, Element>(_ path: KeyPath<Self, Value>, _: Element.Type) -> NIfTIField {
        guard let offset = MemoryLayout<Self>.offset(of: path) else {
            preconditionFailure("a stored field of a C struct has an offset")
        }
        let width = MemoryLayout<Element>.size
        return NIfTIField(offset: offset, width: width, count: MemoryLayout<Value>.size / width)
    }

    /// The struct that `bytes` begin with; nil when they are too few.
    package init?(bytes: UnsafeRawBufferPointer, swapped: Bool) {
        let size = MemoryLayout<Self>.size
        guard bytes.count >= size else { return nil }
        self.init()
        withUnsafeMutableBytes(of: &self) {
            $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<size]))
        }
        if swapped { swapBytes() }
    }

    package mutating func swapBytes() {
        withUnsafeMutableBytes(of: &self) { bytes in
            for field in Self.fields where field.width > 1 {
                let end = field.offset + field.width * field.count
                for at in stride(from: field.offset, to: end, by: field.width) {
                    bytes[at..<at + field.width].reverse()
                }
            }
        }
    }
}

/// The elements of an array in a C struct, which Swift imports as a tuple.
func elements<Tuple: BitwiseCopyable, Element: BitwiseCopyable>(_ tuple: Tuple, _: Element.Type) -> [Element]
{
    withUnsafeBytes(of: tuple) { Array($0.bindMemory(to: Element.self)) }
}

/// Writes the first elements of an array in a C struct; the others stay.
func fill<Tuple: BitwiseCopyable, Element: BitwiseCopyable>(_ tuple: inout Tuple, with values: [Element]) {
    withUnsafeMutableBytes(of: &tuple) { bytes in
        values.withUnsafeBytes {
            bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0.prefix(bytes.count)))
        }
    }
}

extension nifti_1_header: NIfTILayout {
    package static var fields: [NIfTIField] {
        [
            field(\.sizeof_hdr, Int32.self), field(\.data_type, CChar.self), field(\.db_name, CChar.self),
            field(\.extents, Int32.self), field(\.session_error, Int16.self), field(\.regular, CChar.self),
            field(\.dim_info, CChar.self), field(\.dim, Int16.self), field(\.intent_p1, Float.self),
            field(\.intent_p2, Float.self), field(\.intent_p3, Float.self), field(\.intent_code, Int16.self),
            field(\.datatype, Int16.self), field(\.bitpix, Int16.self), field(\.slice_start, Int16.self),
            field(\.pixdim, Float.self), field(\.vox_offset, Float.self), field(\.scl_slope, Float.self),
            field(\.scl_inter, Float.self), field(\.slice_end, Int16.self), field(\.slice_code, CChar.self),
            field(\.xyzt_units, CChar.self), field(\.cal_max, Float.self), field(\.cal_min, Float.self),
            field(\.slice_duration, Float.self), field(\.toffset, Float.self), field(\.glmax, Int32.self),
            field(\.glmin, Int32.self), field(\.descrip, CChar.self), field(\.aux_file, CChar.self),
            field(\.qform_code, Int16.self), field(\.sform_code, Int16.self), field(\.quatern_b, Float.self),
            field(\.quatern_c, Float.self), field(\.quatern_d, Float.self), field(\.qoffset_x, Float.self),
            field(\.qoffset_y, Float.self), field(\.qoffset_z, Float.self), field(\.srow_x, Float.self),
            field(\.srow_y, Float.self), field(\.srow_z, Float.self), field(\.intent_name, CChar.self),
            field(\.magic, CChar.self),
        ]
    }
}

extension nifti_2_header: NIfTILayout {
    package static var fields: [NIfTIField] {
        [
            field(\.sizeof_hdr, Int32.self), field(\.magic, CChar.self), field(\.datatype, Int16.self),
            field(\.bitpix, Int16.self), field(\.dim, Int64.self), field(\.intent_p1, Double.self),
            field(\.intent_p2, Double.self), field(\.intent_p3, Double.self), field(\.pixdim, Double.self),
            field(\.vox_offset, Int64.self), field(\.scl_slope, Double.self), field(\.scl_inter, Double.self),
            field(\.cal_max, Double.self), field(\.cal_min, Double.self),
            field(\.slice_duration, Double.self),
            field(\.toffset, Double.self), field(\.slice_start, Int64.self), field(\.slice_end, Int64.self),
            field(\.descrip, CChar.self), field(\.aux_file, CChar.self), field(\.qform_code, Int32.self),
            field(\.sform_code, Int32.self), field(\.quatern_b, Double.self), field(\.quatern_c, Double.self),
            field(\.quatern_d, Double.self), field(\.qoffset_x, Double.self), field(\.qoffset_y, Double.self),
            field(\.qoffset_z, Double.self), field(\.srow_x, Double.self), field(\.srow_y, Double.self),
            field(\.srow_z, Double.self), field(\.slice_code, Int32.self), field(\.xyzt_units, Int32.self),
            field(\.intent_code, Int32.self), field(\.intent_name, CChar.self), field(\.dim_info, CChar.self),
            field(\.unused_str, CChar.self),
        ]
    }
}
