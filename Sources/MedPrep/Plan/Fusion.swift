internal import MedPrepOperators

extension Pipeline {
    /// True where the first step reads voxels as the file stores them: the Floats of the whole scan are never made.
    var readsNumbers: Bool {
        (steps.first?.operation as? any SpatialOperator)?.readsNumbers ?? false
    }

    /// True where the first step, or the one behind an orient, asks which voxels are not 0.
    var asksForNonzero: Bool {
        let first = steps.first { !($0.operation is Orient) }
        return first?.operation is CropForeground || first?.operation is CropNonzero
    }

    /// True where a step turns axes and the next one's copy turns them too, so no voxel moves twice. What the sidecar tells
    /// of both steps is the same.
    func turnsLater(_ step: Step) -> Bool {
        guard step.operation is Orient, let next = spatialOperator(after: step) else { return false }
        return next.picksVoxels || next.readsThroughViews
    }

    /// True where a step cuts out a box and the next one can read its voxels where they are.
    func cropsLater(_ step: Step) -> Bool {
        guard let crop = step.operation as? any SpatialOperator, crop.picksVoxels, crop.dependsOnVoxels else {
            return false
        }
        return spatialOperator(after: step)?.readsThroughViews == true
    }

    private func spatialOperator(after step: Step) -> (any SpatialOperator)? {
        guard let place = steps.firstIndex(where: { $0.index == step.index }), place + 1 < steps.count else {
            return nil
        }
        return steps[place + 1].operation as? any SpatialOperator
    }
}
