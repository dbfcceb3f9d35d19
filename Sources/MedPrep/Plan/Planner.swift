internal import MedPrepCore
internal import MedPrepIO
internal import MedPrepKernels
internal import MedPrepOperators

/// Works out from headers alone what a pipeline makes of a case: shapes, grids, bytes, and what cannot be done.
struct Planner: Sendable {
    let pipeline: Pipeline
    let planeSteps: PlaneSteps
    /// Grids of the files that steps name as their reference, by the text that names them.
    let references: [String: Grid]
    /// Threads that one case may use: each has a workspace.
    let workers: Workers
    /// Threads that it may get, when others are done.
    let most: Workers

    /// A volume as the plan follows it.
    private struct Course {
        let role: Volume.Role
        let name: String
        let samples: Int
        let channels: Int
        var grid: Grid
        /// How its planes are read as they come, so that there is no volume before that step; nil: there is one.
        var arriving: PlanewiseSpline?

        var shape: Shape { Shape(n: samples, extent: grid.extent, c: channels) }
        var bytes: Int { arriving == nil ? shape.count * MemoryLayout<Float>.size : 0 }
    }

    /// Bytes that any step may need besides its volumes: decoder and encoder blocks, histograms, lists, and what the pool of
    /// buffers keeps of them.
    private static let smallChange = 10 << 20
    /// Bytes that each further thread may need besides: tables of a radix sweep, or blocks of the encoder.
    private static let threadChange = 20 << 20

    func plan(_ found: FoundCase, index: Int) -> PlannedCase {
        var planned = PlannedCase(index: index, found)
        planned.outputs = OutputNames(output: pipeline.output).files(
            of: found.stem, images: found.files.filter { $0.role == .image }.map(\.name),
            labels: found.files.filter { $0.role == .label }.map(\.name))
        if planned.failure != nil { return planned }
        do throws(Failure) {
            let volumes = try read(found, into: &planned)
            let texts = planned.peakBytes
            try follow(volumes, into: &planned)
            if most.count > workers.count {
                var widest = PlannedCase(index: index, found)
                widest.peakBytes = texts
                try Planner(
                    pipeline: pipeline, planeSteps: planeSteps, references: references, workers: most,
                    most: most
                )
                .follow(volumes, into: &widest)
                // The largest of needs that grow evenly with the threads: it stays below its chord.
                let more = most.count - workers.count
                planned.threadBytes =
                    (widest.peakBytes - planned.peakBytes + more - 1) / more + Self.threadChange
            }
        } catch {
            planned.failure = error
        }
        return planned
    }

    private func read(_ found: FoundCase, into planned: inout PlannedCase) throws(Failure) -> [Course] {
        var volumes = [Course]()
        for file in found.files {
            let place = found.files.count > 1 ? "\(file.title): " : ""
            let header: NIfTIHeader
            do { header = try NIfTIReader().readHeader(file.path) } catch {
                throw Failure(
                    stage: "read", code: error.code,
                    message: "\(place)\(error.shown(pipeline.output.names))")
            }
            if pipeline.output.keepsHeaderText { planned.peakBytes += header.voxOffset }
            planned.findings += header.findings
            let shape = header.shape(fourthAxis: pipeline.input.fourthAxis)
            if file.role != .image, shape.n * shape.c > 1 {
                throw Failure(
                    stage: "read", code: "bad_label",
                    message:
                        "\(place)\(header.volumeCount) volumes; a \(file.role.rawValue) is one 3-D volume")
            }
            let type = NIfTIReader(role: file.role).planeType(of: header)
            volumes.append(
                Course(
                    role: file.role, name: file.name, samples: shape.n, channels: shape.c, grid: header.grid,
                    arriving: type.flatMap { planeSteps.spline(of: $0, on: header.grid) }))
        }
        let images = volumes.filter { $0.role == .image }
        if images.count > 1 { for index in volumes.indices { volumes[index].arriving = nil } }
        planned.arrives = volumes.contains { $0.arriving != nil }
        for volume in volumes
        where volume.role != .image && !images.contains(where: { $0.grid.isSame(as: volume.grid) }) {
            throw Failure(
                stage: "read", code: "grid_mismatch",
                message:
                    "the \(volume.role.rawValue) \"\(volume.name)\" (\(volume.grid.text)) lies on the grid of no image "
                    + "(\(images.map { "\($0.name) \($0.grid.text)" }.joined(separator: ", "))); bring it onto one first"
            )
        }
        return volumes
    }

    /// Follows grids and bytes through every step.
    private func follow(_ found: [Course], into planned: inout PlannedCase) throws(Failure) {
        var volumes = found
        var isUpperBound = false
        func total() -> Int { volumes.reduce(0) { $0 + $1.bytes } }
        // Texts and extensions of the headers, where they are kept, stay to the end.
        let texts = planned.peakBytes
        func note(_ bytes: Int, _ planned: inout PlannedCase) {
            planned.peakBytes = max(planned.peakBytes, bytes + texts + Self.smallChange)
        }
        note(total(), &planned)
        // True where axes, or a box, wait for the next step's copy.
        var waits = false
        // Images of one volume each are read into their channels: no copy.
        let together = volumes.allSatisfy { $0.role != .image || ($0.channels == 1 && $0.samples == 1) }
        try stack(&volumes, isCopy: !together, planned: &planned)
        planned.course.append(point(of: volumes, isUpperBound))
        for step in pipeline.steps {
            if let spatial = step.operation as? any SpatialOperator {
                let isFirst = spatial is Orient || spatial.reference != nil
                if !isFirst { try requireOneImage(volumes, step) }
                isUpperBound = isUpperBound || spatial.dependsOnVoxels
                do throws(OperatorError) {
                    let moved = try resolve(spatial, volumes, of: planned)
                    let turnsLater = pipeline.turnsLater(step) && volumes.count { $0.role == .image } == 1
                    for index in volumes.indices {
                        let before = volumes[index]
                        let after = try moved.grid(after: before.grid, box: nil)
                        if let arriving = before.arriving {
                            note(total() + arriving.peakBytes(workers), &planned)
                            volumes[index].arriving = nil
                        } else if !turnsLater {
                            let peak = moved.peakBytes(
                                of: before.shape, role: before.role, from: before.grid, to: after,
                                isViewed: waits, isStored: pipeline.readsNumbers && step.index == 0,
                                nonfinite: pipeline.input.nonfinite, workers: workers)
                            note(total() - before.bytes + peak, &planned)
                        }
                        volumes[index].grid = after
                    }
                    waits = turnsLater || pipeline.cropsLater(step)
                } catch {
                    throw Failure(stage: step.label, error)
                }
                try stack(&volumes, planned: &planned)
            } else {
                try requireOneImage(volumes, step)
                // A selection of voxels (a mask, a filled region) is at most one more value for each voxel.
                // Who changes each value by itself selects none; an image that is still to come meets such steps only.
                let selects = (step.operation as? any IntensityOperator)?.actsOnEachValue != true
                let selected = selects ? volumes.first?.grid.voxelCount ?? 0 : 0
                note(total() + selected * MemoryLayout<Float>.size, &planned)
            }
            planned.course.append(point(of: volumes, isUpperBound))
        }
        if let image = volumes.first(where: { $0.role == .image }), pipeline.output.channels == .apart {
            note(total() + image.bytes, &planned)
        }
        try requireOneImage(volumes, nil)
        planned.outputBytes = volumes.reduce(0) { sum, volume in
            let size = volume.role == .image ? pipeline.output.dtype.size : 4
            return sum + (volume.role == .mask ? 0 : volume.shape.count * size)
        }
    }

    private func resolve(
        _ spatial: any SpatialOperator, _ volumes: [Course], of planned: PlannedCase
    ) throws(OperatorError) -> any SpatialOperator {
        guard case .named(let name) = spatial.reference else { return spatial }
        let images = volumes.filter { $0.role == .image }
        // Once the images are together, each name stands for all.
        let isImage = planned.files.contains { $0.role == .image && $0.name == name }
        let own = isImage ? images.first { $0.name == name } ?? images.first : nil
        guard let grid = own?.grid ?? references[name] else { throw .unresolvedReference(name) }
        return spatial.resolved(on: grid)
    }

    /// The images become one as soon as they share a grid, as the run does it.
    private func stack(
        _ volumes: inout [Course], isCopy: Bool = true, planned: inout PlannedCase
    ) throws(Failure) {
        let images = volumes.filter { $0.role == .image }
        guard images.count > 1, let first = images.first,
            images.allSatisfy({ $0.grid.isSame(as: first.grid) && $0.samples == first.samples })
        else { return }
        let whole = Course(
            role: .image, name: planned.name, samples: first.samples,
            channels: images.reduce(0) { $0 + $1.channels }, grid: first.grid)
        let beside = isCopy ? volumes : volumes.filter { $0.role != .image }
        planned.peakBytes = max(
            planned.peakBytes, beside.reduce(whole.bytes) { $0 + $1.bytes } + Self.smallChange)
        volumes = [whole] + volumes.filter { $0.role != .image }
    }

    private func requireOneImage(_ volumes: [Course], _ step: Pipeline.Step?) throws(Failure) {
        let images = volumes.filter { $0.role == .image }
        guard images.count > 1 else { return }
        throw Failure(
            stage: step?.label ?? "read", code: "grid_mismatch",
            message:
                "the images lie on different grids (\(images.map { "\($0.name) \($0.grid.text)" }.joined(separator: ", "))); "
                + "put a resample with \"reference\": \"\(images[0].name)\" first")
    }

    private func point(of volumes: [Course], _ isUpperBound: Bool) -> PlannedCase.Point {
        let images = volumes.filter { $0.role == .image }
        var shape = images[0].shape
        if images.count > 1 { shape.c = images.reduce(0) { $0 + $1.channels } }
        return .init(shape: shape, grid: images[0].grid, isUpperBound: isUpperBound)
    }
}

extension Grid {
    /// "0.91x0.91x3": millimetres to a thousandth, for messages.
    var spacingText: String {
        spacing.elements.map { JSONValue.number(($0 * 1000).rounded() / 1000).line }.joined(separator: "x")
    }

    /// "256x256x48 at 0.91x0.91x3 mm", for messages.
    var text: String { "\(extent.elements.map(String.init).joined(separator: "x")) at \(spacingText) mm" }
}
