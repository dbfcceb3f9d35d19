import MedPrepCore
import MedPrepTestSupport

/// A head of three tissues on a background of 0: CSF around 50, GM around 120, WM around 180, the more white matter
/// the deeper; `gain` scales it. Each tissue is skewed by seeded noise.
func syntheticHead(_ shape: Shape, seed: UInt64, gain: Float = 1) -> Tensor {
    let noise = Tensor.random(shape, seed: seed, spread: 6).values
    let levels: [Float] = [0, 50, 120, 180, 180]
    return Tensor(
        shape,
        noise.indices.map { index in
            let level = levels[index * 7 / 3 % 5]
            return level == 0 ? 0 : (level + noise[index]) * gain
        })
}
