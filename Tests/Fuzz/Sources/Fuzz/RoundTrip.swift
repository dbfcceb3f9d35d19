import MedPrepCore
import MedPrepIO

/// What medprep accepted it must be able to write, and to read back as it was.
struct RoundTrip {
    let file: MemoryFile

    func check(_ volume: Volume) {
        for encoding in [NIfTIWriter.Encoding.float32, .scaledInt16] {
            do throws(NIfTIError) {
                let writer = try NIfTIWriter(for: volume, encoding: encoding)
                var bytes: [UInt8] = []
                writer.write(volume) { bytes += $0 }
                expect(bytes.count == writer.byteCount, "\(bytes.count) of \(writer.byteCount) bytes")
                file.write(bytes)
                check(volume, writer)
            } catch {
                // Non-finite voxels do not fit a scaled int16, both samples and channels no file.
                expect(!"\(error)".isEmpty, "a refusal has a sentence")
            }
        }
    }

    private func check(_ volume: Volume, _ writer: NIfTIWriter) {
        let axis = volume.tensor.shape.n > 1 ? FourthAxis.batch : .channel
        do throws(NIfTIError) {
            let reader = NIfTIReader(role: volume.role, fourthAxis: axis, nonfinite: .ignore)
            let again = try reader.read(file.path).volume
            expect(again.tensor.shape == volume.tensor.shape, "\(volume.tensor.shape) comes back")
            Self.check(again.tensor.values, volume.tensor.values, largestError: writer.largestError)
            check(again.grid, volume.grid)
        } catch {
            expect(false, "what medprep wrote it reads: \(error)")
        }
    }

    private static func check(_ again: [Float], _ values: [Float], largestError: Double) {
        for (new, old) in zip(again, values) where new.bitPattern != old.bitPattern {
            let allowed = largestError * (1 + 1e-6) + Double(old.magnitude.ulp)
            let isNear = abs(Double(new) - Double(old)) <= allowed
            expect(isNear || (new.isNaN && old.isNaN), "\(old) comes back as \(new), not within \(allowed)")
        }
    }

    /// NIfTI-1 keeps the affine as Float.
    private func check(_ again: Grid, _ grid: Grid) {
        expect(again.extent == grid.extent, "\(grid.extent) comes back")
        expect(again.isOriented == grid.isOriented, "the orientation stays known or unknown")
        for (new, old) in zip(again.affine.rows.joined(), grid.affine.rows.joined()) {
            let allowed = 1e-6 * abs(old) + Double(Float.leastNormalMagnitude)
            expect(abs(new - old) <= allowed, "\(old) of the affine comes back as \(new)")
        }
    }
}
