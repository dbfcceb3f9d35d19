/// Eigenvalues and eigenvectors of a small symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, 8.5).
package struct SymmetricEigen: Hashable, Sendable {
    /// Descending.
    package let values: [Double]
    /// Of length 1, in the order of the values; the entry of largest magnitude is positive.
    package let vectors: [[Double]]

    /// - Precondition: square, symmetric and finite; the lower triangle is not read.
    package init(_ matrix: [[Double]]) {
        let n = matrix.count
        precondition(matrix.allSatisfy { $0.count == n }, "a matrix that is not square")
        var a = (0..<n).map { i in (0..<n).map { matrix[min(i, $0)][max(i, $0)] } }
        // Row i of `v` becomes the vector of a[i][i].
        var v = (0..<n).map { i in (0..<n).map { $0 == i ? 1.0 : 0.0 } }
        let scale = a.joined().reduce(0) { $0 + $1 * $1 }
        for _ in 0..<60 {
            var rest = 0.0
            for p in 0..<n { for q in p + 1..<max(n, p + 1) { rest += a[p][q] * a[p][q] } }
            // Off the diagonal nothing is left that a Double of this size could show.
            if rest <= scale * 1e-34 { break }
            for p in 0..<n { for q in p + 1..<max(n, p + 1) { Self.rotate(&a, &v, p, q) } }
        }
        let order = (0..<n).sorted { (a[$0][$0], $1) > (a[$1][$1], $0) }
        values = order.map { a[$0][$0] }
        vectors = order.map { i in
            let largest = v[i].max { abs($0) < abs($1) } ?? 0
            return largest < 0 ? v[i].map { -$0 } : v[i]
        }
    }

    /// Makes a[p][q] zero.
    private static func rotate(_ a: inout [[Double]], _ v: inout [[Double]], _ p: Int, _ q: Int) {
        let off = a[p][q]
        if off == 0 { return }
        let theta = (a[q][q] - a[p][p]) / (2 * off)
        let t = (theta < 0 ? -1.0 : 1.0) / (abs(theta) + (theta * theta + 1).squareRoot())
        let c = 1 / (t * t + 1).squareRoot()
        let s = t * c
        for k in a.indices {
            let (x, y) = (a[k][p], a[k][q])
            (a[k][p], a[k][q]) = (c * x - s * y, s * x + c * y)
        }
        for k in a.indices {
            let (x, y) = (a[p][k], a[q][k])
            (a[p][k], a[q][k]) = (c * x - s * y, s * x + c * y)
            let (u, w) = (v[p][k], v[q][k])
            (v[p][k], v[q][k]) = (c * u - s * w, s * u + c * w)
        }
        (a[p][q], a[q][p]) = (0, 0)
    }
}
