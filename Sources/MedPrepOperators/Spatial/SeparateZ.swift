internal import MedPrepCore

/// Whether nnU-Net's resampling reads slices first and then the axis across them (SEMANTICS 7.3).
public enum SeparateZ: String, CaseIterable, ParameterValue {
    /// Where the spacing before or, failing that, after is anisotropic.
    case auto
    /// Always, unless two axes share the largest spacing.
    case force
    case never
}

extension SeparateZ {
    /// The axis of largest spacing (0 = i) that is read apart; nil: all three are read as one.
    ///
    /// Spacings share the largest within 1e-6: affines round.
    func axis(from now: SIMD3<Double>, to target: SIMD3<Double>, above threshold: Double) -> Int? {
        func isAnisotropic(_ spacing: SIMD3<Double>) -> Bool { spacing.max() / spacing.min() > threshold }
        let deciding: SIMD3<Double>
        switch self {
        case .never: return nil
        case .force: deciding = now
        case .auto where isAnisotropic(now): deciding = now
        case .auto where isAnisotropic(target): deciding = target
        case .auto: return nil
        }
        let coarse = (0..<3).filter { deciding[$0] >= deciding.max() * (1 - 1e-6) }
        return coarse.count == 1 ? coarse[0] : nil
    }
}
