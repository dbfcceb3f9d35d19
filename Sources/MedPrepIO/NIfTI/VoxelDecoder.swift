import MedPrepCore
import MedPrepKernels

/// What was seen while stored bytes became values.
struct VoxelTally {
    var nonfinite = 0
    /// Integers that Float32 rounds.
    var rounded = 0
    /// The first value that is no label, where labels are read.
    var firstBad: Double?
    /// Of the whole numbers of one channel, where it holds such.
    var counts: WholeCounts?
    /// The box of what is not 0, where it was looked for.
    var nonzeroBox: Tensor.NonzeroBox?

    /// The tally of the voxels behind.
    mutating func add(_ other: VoxelTally) {
        nonfinite += other.nonfinite
        rounded += other.rounded
        firstBad = firstBad ?? other.firstBad
    }
}

/// Stored bytes to tensor values, piece by piece.
struct VoxelDecoder {
    private let conversion: ElementConversion
    private let isSwapped: Bool
    private let isImage: Bool
    private let checksLabels: Bool
    private let setsToZero: Bool
    private let valueCount: Int
    private let volumeCount: Int

    init(_ header: NIfTIHeader, role: Volume.Role, nonfinite: Nonfinite) {
        conversion = ElementConversion(header.elementType, slope: header.slope, intercept: header.intercept)
        isSwapped = (header.byteOrder == .big) == (Int16(1).littleEndian == 1)
        // Plain integers of 8 and 16 bits are labels, whatever they say.
        isImage = role == .image
        checksLabels = role != .image && (conversion.mayBeNonfinite || header.elementType.size > 2)
        setsToZero = nonfinite == .zero
        (valueCount, volumeCount) = (header.valueCount, header.volumeCount)
    }

    private var size: Int { conversion.type.size }
    private var isStoredAsValues: Bool { conversion.type == .float32 && !conversion.isScaled }

    /// The type of numbers that can stay as they are stored; nil: they become Floats now.
    var keptType: ElementType? { conversion.type.isShort && !conversion.isScaled ? conversion.type : nil }

    /// Where values go.
    enum Target {
        case floats(UnsafeMutableBufferPointer<Float>)
        /// Numbers of the kept type, in this machine's byte order.
        case kept(UnsafeMutableRawBufferPointer)
    }

    /// Values in file order: while one thread fetches a piece, others turn those before it into values.
    ///
    /// - Parameter extent: of a volume whose box of what is not 0 is wanted; nil: it is not.
    func decode(
        _ source: inout NIfTISource, to target: Target, boxIn extent: SIMD3<Int>? = nil, _ workers: Workers
    ) throws(NIfTIError) -> VoxelTally {
        let pieceValues = Self.pieceBytes / size
        let pieceCount = (valueCount + pieceValues - 1) / pieceValues
        let slots = pieceSlots(pieceCount, workers)
        // What the file stores as the tensor does is put there at once.
        let inPlace: UnsafeMutableRawBufferPointer? =
            switch target {
            case .kept(let bytes): bytes
            case .floats(let values): isStoredAsValues ? UnsafeMutableRawBufferPointer(values) : nil
            }
        let room = PooledMemory(inPlace == nil ? slots * Self.pieceBytes : 0)
        let stored = inPlace ?? room.bytes
        let counter = counter(slots: slots)
        let finder = extent.map { NonzeroFinder(in: $0, slots: slots) }
        let tallies = UnsafeMutableBufferPointer<VoxelTally>.allocate(capacity: slots)
        tallies.initialize(repeating: VoxelTally())
        defer { tallies.deallocate() }
        func range(_ piece: Int) -> Range<Int> {
            piece * pieceValues..<min((piece + 1) * pieceValues, valueCount)
        }
        func bytes(_ piece: Int, _ slot: Int) -> UnsafeMutableRawBufferPointer {
            let start = (inPlace == nil ? slot : piece) * Self.pieceBytes
            return UnsafeMutableRawBufferPointer(rebasing: stored[start..<start + range(piece).count * size])
        }
        var tally = VoxelTally()
        // Pieces do not overlap, and a slot is one thread's at a time.
        nonisolated(unsafe) let (target, shared) = (target, tallies)
        try forEachInTurn(
            pieceCount, workers,
            take: { (piece, slot) throws(NIfTIError) in try source.read(into: bytes(piece, slot)) },
            work: { (piece, slot) in
                let first = range(piece).lowerBound
                switch target {
                case .kept:
                    turnBytes(bytes(piece, slot))
                    finder?.add(
                        UnsafeRawBufferPointer(bytes(piece, slot)), of: conversion.type, at: first, slot: slot
                    )
                case .floats(let values):
                    let values = UnsafeMutableBufferPointer(rebasing: values[range(piece)])
                    shared[slot] = decode(bytes(piece, slot), to: values)
                    finder?.add(UnsafeBufferPointer(values), at: first, slot: slot)
                }
                counter?.add(UnsafeRawBufferPointer(bytes(piece, slot)), slot: slot)
            },
            give: { (_, slot) throws(NIfTIError) in tally.add(shared[slot]) })
        tally.counts = counter?.counts
        tally.nonzeroBox = finder.map {
            Tensor.NonzeroBox($0.box, hasNegative: tally.counts?.hasNegative ?? true)
        }
        return tally
    }

    /// The planes of one volume of kept numbers, each as a tensor of its own, on any thread: while one thread fetches a
    /// piece, others take the planes of those before it.
    ///
    /// - Returns: the counts of the numbers.
    func decodePlanes(
        _ source: inout NIfTISource, _ extent: SIMD3<Int>, _ workers: Workers,
        _ take: (_ plane: consuming Tensor, _ index: Int) -> Void
    ) throws(NIfTIError) -> WholeCounts? {
        let shape = Shape(d: 1, h: extent.y, w: extent.x)
        let planeBytes = shape.count * size
        let planes = max(1, Self.pieceBytes / planeBytes)
        let pieceCount = (extent.z + planes - 1) / planes
        let slots = pieceSlots(pieceCount, workers)
        let room = PooledMemory(slots * planes * planeBytes)
        let (stored, counter) = (room.bytes, counter(slots: slots))
        func range(_ piece: Int) -> Range<Int> { piece * planes..<min((piece + 1) * planes, extent.z) }
        func bytes(_ piece: Int, _ slot: Int) -> UnsafeMutableRawBufferPointer {
            let start = slot * planes * planeBytes
            return UnsafeMutableRawBufferPointer(
                rebasing: stored[start..<start + range(piece).count * planeBytes])
        }
        // A slot is one thread's at a time.
        try forEachInTurn(
            pieceCount, workers,
            take: { (piece, slot) throws(NIfTIError) in try source.read(into: bytes(piece, slot)) },
            work: { (piece, slot) in
                let bytes = bytes(piece, slot)
                turnBytes(bytes)
                counter?.add(UnsafeRawBufferPointer(bytes), slot: slot)
                for (place, index) in range(piece).enumerated() {
                    let numbers = bytes[place * planeBytes..<(place + 1) * planeBytes]
                    take(
                        Tensor(shape) {
                            conversion.decode(UnsafeRawBufferPointer(rebasing: numbers), to: $0)
                        }, index)
                }
            },
            give: { (_, _) throws(NIfTIError) in })
        return counter?.counts
    }

    /// Volumes of the fourth axis, slowest in the file, to channels, fastest in the tensor. Several volumes are
    /// taken at once and placed block by block, so that a cache line is not fetched anew for each of its floats.
    func decode(
        _ source: inout NIfTISource, volumesAtOnce group: Int, to values: UnsafeMutableBufferPointer<Float>,
        channels: Int, _ workers: Workers
    ) throws(NIfTIError) -> VoxelTally {
        let voxelCount = valueCount / channels
        let room = PooledMemory(group * voxelCount * size)
        let raw = room.bytes
        let block = max(64, Self.blockValues / channels)
        let blockCount = (voxelCount + block - 1) / block
        var (tally, first) = (VoxelTally(), 0)
        while first < channels {
            let volumes = min(group, channels - first)
            try source.read(
                into: UnsafeMutableRawBufferPointer(rebasing: raw[..<(volumes * voxelCount * size)]))
            let tallies = UnsafeMutableBufferPointer<VoxelTally>.allocate(capacity: blockCount)
            tallies.initialize(repeating: VoxelTally())
            defer { tallies.deallocate() }
            // Blocks do not overlap, and each index is written once.
            nonisolated(unsafe) let (raw, values, shared) = (raw, values, tallies)
            let channel = first
            forEachIndex(blockCount, workers) { index in
                let voxels = index * block..<min((index + 1) * block, voxelCount)
                withUnsafeTemporaryAllocation(of: Float.self, capacity: block) { scratch in
                    let plane = UnsafeMutableBufferPointer(rebasing: scratch[..<voxels.count])
                    let target = UnsafeMutableBufferPointer(
                        rebasing: values[voxels.lowerBound * channels..<voxels.upperBound * channels])
                    for volume in 0..<volumes {
                        let start = (volume * voxelCount + voxels.lowerBound) * size
                        let stored = raw[start..<start + voxels.count * size]
                        shared[index].add(decode(UnsafeMutableRawBufferPointer(rebasing: stored), to: plane))
                        copyChannel(
                            UnsafeBufferPointer(plane), at: .plane, to: target,
                            at: .init(channel + volume, of: channels), voxels: plane.count)
                    }
                }
            }
            for each in tallies { tally.add(each) }
            first += volumes
        }
        return tally
    }

    /// Scaled values in Double, in file order, with the number of integers that Float32 would round.
    func forEachPiece(
        _ source: inout NIfTISource, _ body: (UnsafeBufferPointer<Double>, Int) -> Void
    ) throws(NIfTIError) {
        let capacity = min(Self.blockValues, valueCount)
        let raw = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity * size, alignment: 64)
        let values = UnsafeMutableBufferPointer<Double>.allocate(capacity: capacity)
        defer {
            raw.deallocate()
            values.deallocate()
        }
        var start = 0
        while start < valueCount {
            let count = min(capacity, valueCount - start)
            let piece = UnsafeMutableRawBufferPointer(rebasing: raw[..<(count * size)])
            try source.read(into: piece)
            turnBytes(piece)
            let decoded = UnsafeMutableBufferPointer(rebasing: values[..<count])
            conversion.decode(UnsafeRawBufferPointer(piece), to: decoded)
            body(UnsafeBufferPointer(decoded), conversion.countRounded(UnsafeRawBufferPointer(piece)))
            start += count
        }
    }

    /// A core's second cache holds a piece and its values.
    private static let pieceBytes = 256 << 10
    /// 128 KiB of floats: what a core's second cache holds beside the stored bytes.
    private static let blockValues = 32_768

    /// True where the numbers of one channel are counted.
    var countsNumbers: Bool { isImage && WholeCounter.counts(conversion, elements: valueCount) }

    /// nil where the numbers of one channel are no counted ones.
    func counter(slots: Int = 1) -> WholeCounter? {
        isImage ? WholeCounter(conversion, slots: slots, elements: valueCount) : nil
    }

    /// To this machine's byte order, in place.
    func turnBytes(_ elements: UnsafeMutableRawBufferPointer) {
        if isSwapped { swapElements(elements, size: size) }
    }

    /// One run of stored values; its bytes are turned in place.
    func decode(
        _ raw: UnsafeMutableRawBufferPointer, to values: UnsafeMutableBufferPointer<Float>
    ) -> VoxelTally {
        turnBytes(raw)
        let bytes = UnsafeRawBufferPointer(raw)
        if checksLabels {
            let doubles = UnsafeMutableBufferPointer<Double>.allocate(capacity: values.count)
            defer { doubles.deallocate() }
            conversion.decode(bytes, to: doubles)
            return VoxelTally(firstBad: roundLabels(UnsafeBufferPointer(doubles), to: values))
        }
        if bytes.baseAddress != UnsafeRawPointer(values.baseAddress) { conversion.decode(bytes, to: values) }
        var tally = VoxelTally(rounded: conversion.countRounded(bytes))
        if conversion.mayBeNonfinite {
            tally.nonfinite = countNonfinite(UnsafeBufferPointer(values))
            if setsToZero, tally.nonfinite > 0 { zeroNonfinite(values) }
        }
        return tally
    }
}
