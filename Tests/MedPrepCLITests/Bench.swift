import MedPrep
import MedPrepCore
import MedPrepTestSupport

/// A folder with scans and pipelines, in which the program runs.
final class Bench {
    let folder = TemporaryFolder()

    /// The program, at home in the folder.
    var medprep: Program { Program(directory: folder.path) }

    /// Float scans of noise, `in/s0.nii` …
    func scans(_ count: Int, sizes: [Int] = [6, 5, 4]) {
        let voxels = sizes.reduce(1, *)
        for index in 0..<count {
            let values = Tensor.random(
                Shape(d: 1, h: 1, w: voxels), seed: UInt64(index), mean: 100, spread: 20
            ).values
            let file = NIfTIBuilder(.float32, sizes: sizes, values: values.map(Double.init))
            folder.write(file.file, to: "in/s\(index).nii")
        }
    }

    func write(_ text: String, to name: String) { folder.write(Array(text.utf8), to: name) }

    func text(_ name: String) -> String { String(decoding: folder.read(name), as: UTF8.self) }
}
