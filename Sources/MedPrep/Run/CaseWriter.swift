internal import MedPrepCore
internal import MedPrepIO
internal import MedPrepKernels

/// Writes what became of a case: each volume whole or not at all, the sidecar last.
struct CaseWriter: Sendable {
    let pipeline: Pipeline
    let folder: ScanPath
    let workers: Workers
    /// What stays, although an old sidecar names it.
    let kept: KeptFiles

    /// The volumes, in the order of the plan. Where one fails, none of them stays.
    func write(_ work: CaseWork, _ planned: PlannedCase) throws(Failure) -> [WrittenVolume] {
        guard work.subject.images.count == 1 else {
            throw Failure(
                stage: "write", code: "grid_mismatch",
                message:
                    "the images \(work.subject.images.map(\.name).joined(separator: ", ")) are not on one grid; "
                    + "bring them together with a resample step that has a \"reference\"")
        }
        try makeRoom(for: planned)
        var outputs = [WrittenVolume]()
        for file in planned.outputs {
            let volume = try volume(for: file.content, of: work)
            do throws(NIfTIError) {
                outputs.append(try write(volume, to: file.path))
            } catch {
                takeBack(planned)
                throw Failure(stage: "write", code: error.code, message: "\(file.path): \(error)")
            }
        }
        return outputs
    }

    /// The mark that the case is done. What it replaces under other names goes now: the new volumes are on disk, and
    /// the old sidecar, which alone knows those names, still is.
    func write(sidecar: JSONValue, _ planned: PlannedCase) throws(Failure) {
        do throws(FileError) {
            try earlier(planned)?.remove(in: folder)
            try writeWhole(sidecar.text() + "\n", to: folder.appending(planned.sidecar))
        } catch {
            takeBack(planned)
            throw Failure(stage: "write", code: error.code, message: "\(planned.sidecar): \(error)")
        }
    }

    /// An old sidecar must not vouch for new volumes, should the run end between them. Where the new ones have
    /// other names, it may stay until they are there.
    private func makeRoom(for planned: PlannedCase) throws(Failure) {
        do throws(FileError) {
            let earlier = try earlier(planned)
            if let earlier, !earlier.isOverwritten, !earlier.paths.isEmpty { return }
            try earlier?.remove(in: folder)
            try removeFile(folder.appending(planned.sidecar))
        } catch {
            throw Failure(stage: "write", code: error.code, message: "\(planned.sidecar): \(error)")
        }
    }

    /// After a failure: a volume without the others of its case, or without a sidecar, would pass for a result.
    private func takeBack(_ planned: PlannedCase) {
        for file in planned.outputs { try? removeFile(folder.appending(file.path)) }
    }

    /// nil where there is no sidecar, or none that can be understood.
    private func earlier(_ planned: PlannedCase) throws(FileError) -> EarlierOutputs? {
        guard try FileStatus.output(folder.appending(planned.sidecar))?.kind == .regular else { return nil }
        let bytes: [UInt8]
        do throws(FileError) { bytes = try readWhole(folder.appending(planned.sidecar)) } catch {
            if case .failed(_, _, let errno) = error { throw .failed(.read, .output, errno: errno) }
            return nil
        }
        guard let sidecar = try? JSONReader.read(bytes).value else { return nil }
        return try EarlierOutputs(of: planned, by: sidecar, in: folder, keeping: kept)
    }

    private func volume(for content: PlannedCase.OutputFile.Content, of work: CaseWork) throws(Failure)
        -> Volume
    {
        let image = work.subject.images[0].volume
        switch content {
        case .image: return image
        case .label(let name):
            if let label = work.subject.labels.first(where: { $0.name == name }) { return label.volume }
        case .channels(let name):
            var first = 0
            for group in work.channels {
                if group.image == name {
                    var source = image.source
                    source.headerText = group.headerText
                    return Volume(
                        tensor: image.tensor.channels(first..<first + group.count), grid: image.grid,
                        source: source)
                }
                first += group.count
            }
        }
        throw Failure(
            stage: "write", code: "internal", message: "the case lost the volume for one of its outputs")
    }
}
