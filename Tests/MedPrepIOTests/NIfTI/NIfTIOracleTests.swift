import CNIfTIOracle
import MedPrepCore
import MedPrepIO
import MedPrepTestSupport
import Testing

@Suite("NIfTI against libnifti") struct NIfTIOracleTests {
    @Test("agrees on sizes, type, scaling and both affines", arguments: [1, 2], [false, true])
    func agrees(version: Int, isBigEndian: Bool) throws {
        let folder = TemporaryFolder()
        for (index, quaternion) in [[0, 0, 0], [0.3, 0, 0.1], [0, 1, 0], [0.5, -0.5, 0.5]].enumerated() {
            for qfac in [1.0, -1] {
                var builder = NIfTIBuilder(
                    .int16, sizes: [4, 3, 2, 2], values: [Double](repeating: 5, count: 48),
                    isBigEndian: isBigEndian)
                builder.version = version
                (builder.slope, builder.intercept) = (0.5, 3)
                (builder.quaternion, builder.pixdim[0], builder.qformCode) = (quaternion, qfac, 2)
                (builder.offset, builder.sformCode) = ([1, -2, 3], index % 2)
                let path = write(builder, "nii", in: folder)
                let header = try NIfTIReader().readHeader(path)
                let oracle = oracle_read(path.description)
                #expect(oracle.ok == 1)
                let dims = withUnsafeBytes(of: oracle.dims) { Array($0.bindMemory(to: Int64.self)) }
                #expect(dims[1...4].map { Int($0) } == header.dims)
                #expect(oracle.slope == header.slope && oracle.intercept == header.intercept)
                let stored = header.affineSource == .sform ? oracle.sform : oracle.qform
                let expected = withUnsafeBytes(of: stored) { Array($0.bindMemory(to: Double.self)) }
                let found = header.affine.rows.flatMap { $0 }
                let close = zip(found, expected).allSatisfy { abs($0 - $1) < 1e-5 }
                #expect(close, "\(found) \(expected)")
            }
        }
    }
}
