internal import MedPrepOperators

extension Pipeline {
    /// True where a step turns axes and the next one picks voxels: that one's copy turns them too, so no voxel moves
    /// twice. What the sidecar tells of both steps is the same.
    func turnsLater(_ step: Step) -> Bool {
        guard step.operation is Orient, let place = steps.firstIndex(where: { $0.index == step.index }),
            place + 1 < steps.count
        else { return false }
        return (steps[place + 1].operation as? any SpatialOperator)?.picksVoxels == true
    }
}
