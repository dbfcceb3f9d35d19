public import MedPrepCore
import MedPrepKernels

/// Takes unwanted variation between scans off, as seen in voxels that should not differ: RAVEL.
///
///     V_c: control voxels × scans;  V_c = U·S·Zᵀ;  Z the first b right singular vectors
///     per voxel over the scans: v = β·Z + residual,  y = v − β·Z
///
/// Z comes from the eigenvectors of the small matrix V_cᵀV_c, so no large decomposition is needed. The scans are
/// registered to one grid and white-striped; the controls are commonly voxels of cerebrospinal fluid.
///
/// - Shape: all scans alike; every channel has its own Z. Grid: unchanged.
/// - Unit: the scans' own.
/// - NaN: stays NaN; a control voxel that is not finite in one scan is left out in all, and β is taken from the
///   finite values.
/// - Cost: each scan is loaded three times. In memory are two scans or, later, one and β (as large as a
///   scan, for each factor), and the control voxels of all scans.
/// - Same as: Fortin et al. 2016, "Removing inter-subject technical variability in magnetic resonance imaging
///   studies".
public struct Ravel: LibraryFunction {
    public static let card = Card<Self>(
        "Takes unwanted variation between registered scans off.",
        [
            Parameter("factors", \.factors, "Unwanted factors, b.", .atLeast(1)),
            Parameter("controls", \.controls, "Name of the mask of control voxels; null: the only mask."),
        ],
        formula: "y = v - beta * Z, Z the first right singular vectors of the control voxels",
        sameAs: "Fortin et al. 2016, RAVEL")

    public static let useInstead =
        "whitestripe normalizes each scan by itself; ravel takes a list of registered scans"

    public var factors = 1
    public var controls: String?
    public init() {}

    /// - Parameters:
    ///   - count: how many scans there are.
    ///   - context: holds the mask of control voxels, which is the same for every scan.
    ///   - load: the tensor of one scan, white-striped, on the common grid; called three times for each.
    ///   - store: takes one cleaned scan, in order.
    public func callAsFunction(
        _ count: Int, in context: Context, load: (Int) throws -> Tensor,
        store: (Int, consuming Tensor) throws -> Void
    ) throws(RavelError) {
        guard count >= 2 else { throw .tooFewScans(count) }
        guard factors >= 1, factors < count else { throw .tooManyFactors(factors, scans: count) }
        let (shape, unwanted) = try unwantedFactors(count, in: context, load)
        var betas = Array(repeating: Tensor(shape), count: factors)
        for scan in 0..<count {
            let tensor = try loaded(scan, like: shape, load)
            for factor in 0..<factors {
                betas[factor].add(tensor, times: unwanted.map { $0[factor][scan] }, context.workers)
            }
        }
        for scan in 0..<count {
            var tensor = try loaded(scan, like: shape, load)
            for factor in 0..<factors {
                tensor.subtract(betas[factor], times: unwanted.map { $0[factor][scan] }, context.workers)
            }
            do { try store(scan, tensor) } catch { throw .scan(scan, reason: "\(error)") }
        }
    }

    private func controlMask(over tensor: Tensor, in context: Context) throws(RavelError) -> Tensor {
        do throws(OperatorError) {
            guard
                case .mask(let mask) = try MaskChoice.file(named: controls).selection(
                    for: tensor, in: context)
            else { throw .emptyMask(mask: controls ?? "file") }
            return mask
        } catch {
            throw .controls(error)
        }
    }

    /// The shape of the scans, and Z by channel, factor and scan.
    private func unwantedFactors(
        _ count: Int, in context: Context, _ load: (Int) throws -> Tensor
    ) throws(RavelError) -> (Shape, [[[Double]]]) {
        var tensor = try loaded(0, like: nil, load)
        let shape = tensor.shape
        let mask = try controlMask(over: tensor, in: context)
        var values = Array(repeating: ControlValues(), count: shape.c)
        for scan in 0..<count {
            if scan > 0 { tensor = try loaded(scan, like: shape, load) }
            for channel in values.indices { values[channel].append(tensor, channel: channel, where: mask) }
        }
        var result = [[[Double]]]()
        for (channel, controls) in values.enumerated() {
            let (matrix, voxels) = controls.gram(context.workers)
            guard voxels > 0 else { throw .controls(.emptyMask(mask: self.controls ?? "file")) }
            let eigen = SymmetricEigen(matrix)
            // A singular value that is lost in rounding has no direction.
            let significant = eigen.values.prefix { $0 > eigen.values[0] * 1e-12 }.count
            guard significant >= factors else {
                throw .noSuchFactor(factors, channel: channel, found: significant)
            }
            result.append(Array(eigen.vectors.prefix(factors)))
        }
        return (shape, result)
    }

    private func loaded(
        _ scan: Int, like shape: Shape?, _ load: (Int) throws -> Tensor
    ) throws(RavelError) -> Tensor {
        let tensor: Tensor
        do { tensor = try load(scan) } catch { throw .scan(scan, reason: "\(error)") }
        if let shape, tensor.shape != shape {
            throw .unequalShapes(scan, found: tensor.shape, expected: shape)
        }
        return tensor
    }
}

/// Why a population could not be cleaned.
public enum RavelError: Error, Hashable, Sendable {
    case tooFewScans(Int)
    case tooManyFactors(Int, scans: Int)
    case noSuchFactor(Int, channel: Int, found: Int)
    /// The mask of control voxels.
    case controls(OperatorError)
    case unequalShapes(Int, found: Shape, expected: Shape)
    /// A scan could not be loaded or stored; scans count from 0.
    case scan(Int, reason: String)
}

extension RavelError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .tooFewScans(let count): "ravel compares scans, found \(count); give at least two"
        case .tooManyFactors(let factors, let scans):
            "\(factors) factors of \(scans) scans cannot be told from the scans; expected 1 to \(scans - 1)"
        case .noSuchFactor(let factors, let channel, let found):
            "the control voxels of channel \(channel) vary in \(found) ways, not \(factors); use fewer factors"
        case .controls(let error): "controls: \(error)"
        case .unequalShapes(let scan, let found, let expected):
            "scan \(scan) has the shape \(found), the first \(expected); register the scans to one grid"
        case .scan(let scan, let reason): "scan \(scan): \(reason)"
        }
    }
}
