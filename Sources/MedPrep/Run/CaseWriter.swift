internal import MedPrepCore
internal import MedPrepIO
internal import MedPrepKernels

/// Writes what became of a case: each volume whole or not at all, the sidecar last.
struct CaseWriter: Sendable {
    let pipeline: Pipeline
    let folder: ScanPath
    let workers: Workers

    /// The volumes, in the order of the plan.
    func write(_ work: CaseWork, _ planned: PlannedCase) throws(Failure) -> [WrittenVolume] {
        guard work.subject.images.count == 1 else {
            throw Failure(
                stage: "write", code: "grid_mismatch",
                message:
                    "the images \(work.subject.images.map(\.name).joined(separator: ", ")) are not on one grid; "
                    + "bring them together with a resample step that has a \"reference\"")
        }
        // An old sidecar must not vouch for new volumes, should the run end between them.
        removeFile(folder.appending(planned.sidecar))
        var outputs = [WrittenVolume]()
        for file in planned.outputs {
            let volume = try volume(for: file.content, of: work)
            do throws(NIfTIError) {
                outputs.append(try write(volume, to: file.path))
            } catch {
                throw Failure(stage: "write", code: error.code, message: "\(file.path): \(error)")
            }
        }
        return outputs
    }

    /// The mark that the case is done.
    func write(sidecar: JSONValue, _ planned: PlannedCase) throws(Failure) {
        do throws(FileError) {
            try writeWhole(sidecar.text() + "\n", to: folder.appending(planned.sidecar))
        } catch {
            throw Failure(stage: "write", code: error.code, message: "\(planned.sidecar): \(error)")
        }
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
