package import MedPrepCore
import MedPrepKernels

extension NIfTIReader {
    /// The type of the numbers of a scan whose planes can be read one by one: one volume of plain whole numbers of 8 or 16
    /// bits, which are counted meanwhile. nil: it is another one.
    package func planeType(of header: NIfTIHeader) -> ElementType? {
        let decoder = VoxelDecoder(header, role: role, nonfinite: nonfinite)
        return header.volumeCount == 1 && decoder.countsNumbers ? decoder.keptType : nil
    }

    /// Reads a scan plane by plane and keeps none: whoever takes the planes works on them while the next ones come.
    ///
    /// - Parameter begin: is told the type and the grid; what it returns takes the planes, on any thread and in any order.
    /// - Returns: the volume without its voxels; nil, and no voxel is read, where `planeType` or `begin` is nil.
    package func readPlanes(
        _ path: ScanPath,
        to begin: (ElementType, Grid) throws(NIfTIError) -> (
            (_ plane: consuming Tensor, _ index: Int) -> Void
        )?
    ) throws(NIfTIError) -> (volume: Volume, reading: NIfTIReading)? {
        var source = try NIfTISource(path, keepsText: keepsHeaderText)
        let header = source.header
        guard let type = planeType(of: header), let take = try begin(type, header.grid) else { return nil }
        try source.passOverGap()
        let decoder = VoxelDecoder(header, role: role, nonfinite: nonfinite)
        let counts = try decoder.decodePlanes(&source, header.grid.extent, workers, take)
        var reading = try source.finish(nonfiniteCount: 0, findings: [])
        reading.counts = counts
        let origin = Volume.Source(
            elementType: header.elementType, spaceCode: header.spaceCode, headerText: source.text)
        return (Volume(arrivingOn: header.grid, source: origin), reading)
    }
}
