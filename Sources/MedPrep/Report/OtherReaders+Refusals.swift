internal import MedPrepCore
internal import MedPrepIO

extension OtherReaders {
    private static let allRefuse = OtherReaders(.refuses, .refuses, .refuses)
    private static let allRead = OtherReaders(.reads, .reads, .reads)
    private static let noneSees = OtherReaders(.readsDamaged, .readsDamaged, .readsDamaged)

    /// What they make of what medprep refuses.
    static func after(_ refusal: NIfTIError, _ facts: NIfTIFacts?, _ inspection: Inspection) -> OtherReaders {
        switch refusal {
        case .file(let error): return after(error)
        case .gzip(let error): return after(error, inspection.header)
        case .notNIfTI: return afterForeign(facts, inspection.path)
        // The voxels are zeros, or what memory held before.
        case .truncatedData:
            return OtherReaders(.refuses, .readsDamaged, .refuses)
        case .badDims(let sizes, _): return afterDims(sizes, facts)
        // Whole files, whose kind medprep does not take; they come as pairs, vectors or colours.
        case .unsupportedDatatype(let code, _) where [32, 128, 1792, 2304].contains(code):
            return allRead
        case .unsupportedDatatype(let code, _) where [1536, 2048].contains(code):
            return OtherReaders(.refuses, .refuses, .reads)
        case .badVoxOffset(let found, _): return afterOffset(Double(found) ?? .nan)
        case .badAffine: return afterAffine(facts)
        case .badScaling(let slope, _):
            return slope.isFinite ? OtherReaders(.refuses, .readsDamaged, .readsDamaged) : noneSees
        case .nonfinite: return OtherReaders(.reads, .readsOtherwise, .readsOtherwise)
        default: return allRefuse
        }
    }

    private static func after(_ error: FileError) -> OtherReaders {
        switch error {
        // A pipe is waited on until somebody writes into it.
        case .notAFile(.pipe): OtherReaders(.refuses, .crashes, .crashes)
        // Their zlib reads what is not compressed too.
        case .notCompressed: OtherReaders(.refuses, .reads, .reads)
        default: allRefuse
        }
    }

    /// Decoded bytes behind which nibabel, and then ITK, stop before they come to the trailer.
    private static let (nibabelBuffer, itkBuffer) = (1024, 320 << 10)

    private static func after(_ error: GzipError, _ header: NIfTIHeader?) -> OtherReaders {
        let end = header?.endOfVoxels ?? .max
        let nibabel: Behaviour = header != nil && end > nibabelBuffer ? .readsDamaged : .refuses
        let itk: Behaviour = header != nil && end > itkBuffer ? .readsDamaged : .refuses
        switch error {
        // The voxels are whole, something behind them is not.
        case .trailing: return OtherReaders(nibabel, .readsDamaged, .readsDamaged)
        case .truncated(_, let decoded):
            return decoded >= end
                ? OtherReaders(nibabel, .readsDamaged, .readsDamaged)
                : OtherReaders(.refuses, header == nil ? .refuses : .readsDamaged, .refuses)
        case .checksum(let decoded):
            return decoded >= end
                ? OtherReaders(nibabel, itk, .refuses) : OtherReaders(.refuses, itk, .refuses)
        // Checks of the member's header that Python leaves out.
        case .damaged(.header, 0): return OtherReaders(.reads, .refuses, .refuses)
        case .damaged(_, let decoded):
            return decoded >= end
                ? OtherReaders(nibabel, .readsDamaged, .readsDamaged) : OtherReaders(.refuses, itk, .refuses)
        }
    }

    /// The header size or the magic is not what it must be.
    private static func afterForeign(_ facts: NIfTIFacts?, _ path: ScanPath) -> OtherReaders {
        guard let facts else { return allRefuse }
        let letters = Array(facts.magic.prefix(3))
        let isPairName = path.hasSuffix(".hdr") || path.hasSuffix(".hdr.gz")
        let (single, pair) = facts.version == 1 ? ("n+1", "ni1") : ("n+2", "ni2")
        let isNamed = letters == Array(single.utf8) || letters == Array(pair.utf8)
        let isWhole = isNamed && facts.magic[3] == 0
        if !facts.isSizeRight {
            return isWhole ? OtherReaders(.readsDamaged, .readsDamaged, .refuses) : allRefuse
        }
        // The voxels are looked for in the wrong file.
        if isPairName, letters == Array(single.utf8) {
            return OtherReaders(.readsDamaged, .readsDamaged, .refuses)
        }
        if facts.version == 2 {
            if !isWhole { return allRefuse }
            // An empty guard is repaired by nibabel.
            let isEmpty = facts.magic[4...].allSatisfy { $0 == 0 }
            return OtherReaders(
                isEmpty || letters == Array(pair.utf8) ? .readsDamaged : .refuses, .refuses, .readsDamaged)
        }
        if isWhole { return noneSees }
        // An ANALYZE file to those who know the format; a digit that NIfTI does not have yet is refused by libnifti.
        let isLater = letters.starts(with: Array("n+".utf8)) && !isNamed
        return OtherReaders(
            isPairName ? .readsOtherwise : .refuses, .readsOtherwise, isLater ? .refuses : .readsOtherwise)
    }

    private static func afterDims(_ sizes: [Int], _ facts: NIfTIFacts?) -> OtherReaders {
        guard let facts else { return allRefuse }
        if !(1...7).contains(facts.rank) {
            // The other byte order, which dim[0] decides for them.
            let isSwapped = (1...7).contains(facts.swappedRank)
            if facts.version == 1 {
                return isSwapped
                    ? noneSees
                    : OtherReaders(
                        facts.rank == 0 ? .readsDamaged : .refuses, .refuses,
                        facts.rank == 0 ? .readsDamaged : .refuses)
            }
            // libnifti writes behind its list of eight sizes.
            let libnifti: Behaviour = facts.rank > 9 ? .crashes : .readsDamaged
            return OtherReaders(isSwapped || facts.rank == 0 ? .readsDamaged : .refuses, .refuses, libnifti)
        }
        if let first = sizes.first, first < 1 {
            return OtherReaders(first == 0 ? .readsDamaged : .refuses, .refuses, .refuses)
        }
        // ITK and libnifti take 1 for what is below it, and leave the other voxels out.
        if sizes.contains(where: { $0 < 0 }) { return OtherReaders(.refuses, .readsDamaged, .readsDamaged) }
        if sizes.contains(0) { return noneSees }
        // Whole files that medprep has no use for.
        return OtherReaders(.reads, sizes.count == 1 || sizes.count > 5 ? .refuses : .reads, .reads)
    }

    private static func afterOffset(_ offset: Double) -> OtherReaders {
        // Rounded down to a whole byte.
        if offset >= 352, offset < 1e9, offset != offset.rounded() { return noneSees }
        // Behind the end of the file.
        if offset >= 352, offset < 2_147_483_648 { return OtherReaders(.refuses, .readsDamaged, .refuses) }
        return OtherReaders(.refuses, .readsDamaged, .readsDamaged)
    }

    private static func afterAffine(_ facts: NIfTIFacts?) -> OtherReaders {
        guard let facts else { return allRefuse }
        if facts.quaternionLength > 1.0001 { return OtherReaders(.refuses, .readsDamaged, .readsDamaged) }
        // Directions that are not perpendicular unit vectors after scaling are an error in ITK, other nonsense is not.
        let isLost = facts.hasSform && facts.sform.isSingular
        return OtherReaders(.readsDamaged, isLost ? .refuses : .readsDamaged, .readsDamaged)
    }
}
