import MedPrepCore
import MedPrepKernels

extension Kernel {
    static let pointwise = [
        Kernel("conversion int16") { scan in
            var values = scan.tensor
            let conversion = ElementConversion(.int16, slope: 2, intercept: -1024)
            return {
                scan.stored.withUnsafeBytes { bytes in
                    values.withUnsafeMutableValues { conversion.decode(bytes, to: $0) }
                }
            }
        },
        Kernel("clamp") { scan in
            var values = scan.tensor
            return { values.clamp(to: [[Bounds(10, 1000)]], .one) }
        },
        Kernel("standardize") { scan in
            var values = scan.tensor
            return { values.scale(by: [[Scaling(center: 100, factor: 0.999)]], .one) }
        },
    ]
}
