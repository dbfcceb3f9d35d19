import CMedPrepNIfTI
import MedPrepIO
import Testing

@Suite("NIfTI header layout") struct NIfTILayoutTests {
    @Test("lists every field of both structs, without a gap")
    func complete() {
        check(nifti_1_header.self, size: 348, Mirror(reflecting: nifti_1_header()).children.count)
        check(nifti_2_header.self, size: 540, Mirror(reflecting: nifti_2_header()).children.count)
    }

    private func check<Header: NIfTILayout>(_ type: Header.Type, size: Int, _ count: Int) {
        #expect(type.fields.count == count)
        var end = 0
        for field in type.fields {
            #expect(field.offset == end)
            end = field.offset + field.width * field.count
        }
        #expect(end == size)
        #expect(MemoryLayout<Header>.size == size)
    }

    @Test("swapping twice changes nothing, once turns every number")
    func swap() {
        var header = nifti_2_header()
        header.dim.3 = 1
        header.pixdim.7 = 2
        header.qform_code = 3
        header.swapBytes()
        #expect(header.dim.3 == 1 << 56)
        #expect(header.pixdim.7.bitPattern == (2.0).bitPattern.byteSwapped)
        #expect(header.qform_code == 3 << 24)
        header.swapBytes()
        #expect(header.dim.3 == 1 && header.pixdim.7 == 2 && header.qform_code == 3)
    }
}
