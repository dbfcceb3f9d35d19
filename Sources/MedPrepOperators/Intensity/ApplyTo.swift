/// Which voxels a step changes: the parameter `apply_to` (SEMANTICS 4).
public enum ApplyTo: String, CaseIterable, ParameterValue {
    case all
    /// Those of `mask`; the others stay as they are.
    case mask
}
