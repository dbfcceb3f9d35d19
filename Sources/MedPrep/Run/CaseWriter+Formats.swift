internal import MedPrepCore
internal import MedPrepIO
internal import MedPrepKernels

extension CaseWriter {
    /// One volume on disk, and what its type has cost it.
    struct WrittenVolume {
        let output: Sidecar.Output
        let findings: [Finding]
    }

    /// Writes one volume whole, in the format and type of the pipeline.
    func write(_ volume: Volume, to path: ScanPath) throws(NIfTIError) -> WrittenVolume {
        pipeline.output.format.isNIfTI ? try writeNIfTI(volume, to: path) : try writeArray(volume, to: path)
    }

    private func writeNIfTI(_ volume: Volume, to path: ScanPath) throws(NIfTIError) -> WrittenVolume {
        let writer = try NIfTIWriter(
            for: volume, encoding: pipeline.output.dtype == .int16 ? .scaledInt16 : .float32, workers: workers
        )
        let written: ByteWriter.Written
        do throws(FileError) {
            let compression = pipeline.output.format == .niftiGzip ? pipeline.output.compression : nil
            var file = try ByteWriter(
                path: folder.appending(path), compression: compression, workers: workers)
            try writer.write(volume, to: &file)
            written = try file.commit()
        } catch {
            throw .file(error)
        }
        var members: [JSONValue.Member] = [
            .init("format", .string("NIfTI-\(writer.version)")),
            .init("dtype", .string(writer.elementType.rawValue)),
        ]
        var findings = [Finding]()
        if let (slope, intercept) = writer.scaling {
            members += [
                .init("scaling", ["slope": .number(slope), "intercept": .number(intercept)]),
                .init("largest_error", .number(writer.largestError)),
            ]
            if writer.largestError > 0 {
                findings.append(
                    Finding(
                        .roundedToInt16,
                        "\(path): int16 rounds voxels by up to \(writer.largestError), in steps of \(slope)"))
            }
        }
        return WrittenVolume(output: output(path, written, members), findings: findings)
    }

    private func writeArray(_ volume: Volume, to path: ScanPath) throws(NIfTIError) -> WrittenVolume {
        let array = try ArrayVolume(volume, pipeline.output, workers: workers)
        let written: ByteWriter.Written
        do throws(FileError) { written = try array.write(to: folder.appending(path)) } catch {
            throw .file(error)
        }
        let (format, description) = (pipeline.output.format, array.description)
        var members: [JSONValue.Member] = [.init("format", .string(format.rawValue))]
        if format != .npy { members.append(.init("name", .string(description.name))) }
        members += [
            .init("layout", .string(pipeline.output.layout.rawValue)),
            .init("shape", .integers(description.sizes)),
            .init("dtype", .string(description.elementType.name)),
        ]
        var findings = [Finding]()
        if let loss = array.loss {
            members.append(.init("largest_error", .number(loss.largestError)))
            if loss.largestError > 0 {
                findings.append(
                    Finding(.roundedToFloat16, "\(path): float16 rounds voxels by up to \(loss.largestError)")
                )
            }
            if loss.overflowCount > 0 {
                findings.append(
                    Finding(
                        .float16Overflow,
                        "\(path): \(loss.overflowCount) voxels beyond 65504, the largest float16, are limited to it; "
                            + "normalize first, or write float32"))
            }
        }
        return WrittenVolume(output: output(path, written, members), findings: findings)
    }

    private func output(
        _ path: ScanPath, _ written: ByteWriter.Written, _ members: [JSONValue.Member]
    ) -> Sidecar.Output {
        Sidecar.Output(
            path: path.description, size: written.fileSize, crc32: written.crc32, description: members)
    }
}
