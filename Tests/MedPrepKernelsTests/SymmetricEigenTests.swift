import MedPrepCore
import MedPrepKernels
import MedPrepTestSupport
import Testing

@Suite("SymmetricEigen") struct SymmetricEigenTests {
    @Test(
        "the vectors are orthonormal and the matrix stretches each by its value",
        arguments: [1, 2, 3, 12, 40])
    func decomposition(size: Int) {
        let values = Tensor.random(Shape(d: 1, h: size, w: size), seed: UInt64(size), spread: 4).values
        let matrix = (0..<size).map { i in (0..<size).map { Double(values[min(i, $0) * size + max(i, $0)]) } }
        let eigen = SymmetricEigen(matrix)
        #expect(zip(eigen.values, eigen.values.dropFirst()).allSatisfy { $0 >= $1 })
        for (index, vector) in eigen.vectors.enumerated() {
            for (other, second) in eigen.vectors.enumerated() {
                let dot = zip(vector, second).reduce(0) { $0 + $1.0 * $1.1 }
                #expect(abs(dot - (index == other ? 1 : 0)) < 1e-12)
            }
            for row in 0..<size {
                let product = zip(matrix[row], vector).reduce(0) { $0 + $1.0 * $1.1 }
                #expect(abs(product - eigen.values[index] * vector[row]) < 1e-11 * Double(size))
            }
        }
    }

    @Test("a diagonal matrix is its own answer, zeros too")
    func diagonal() {
        let eigen = SymmetricEigen([[1, 0, 0], [0, 5, 0], [0, 0, 3]])
        #expect(eigen.values == [5, 3, 1])
        #expect(eigen.vectors == [[0, 1, 0], [0, 0, 1], [1, 0, 0]])
        #expect(SymmetricEigen([[0, 0], [0, 0]]).values == [0, 0])
    }
}
