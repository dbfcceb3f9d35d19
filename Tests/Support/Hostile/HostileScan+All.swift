extension HostileScan {
    /// Every case, with a name of its own; no two share an output name.
    public static let all: [HostileScan] = {
        var list = HostileList()
        list.addHeaders()
        list.addSizes()
        list.addOffsets()
        list.addTypes()
        list.addScalings()
        list.addGeometry()
        list.addBrokenGeometry()
        list.addLengths()
        list.addExtensions()
        list.addVoxels()
        list.addGzip()
        list.addNames()
        list.addPairs()
        return list.scans
    }()
}
