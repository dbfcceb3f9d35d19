import MedPrepCore
import MedPrepOperators

extension GoldenWalk {
    /// What a report operator tells of the tensor, and of it as a data set of one.
    mutating func look(at tensor: Tensor, with step: any ReportOperator) throws {
        let look = try step.look(at: tensor, in: &context)
        let report = try step.report(on: [look], batchSize: 1)
        outputs.add(report)
        outputs["severity_n"] = report?["severity"].flatMap { GoldenValues(json: $0) }
        guard var stats = step as? Stats else { return }
        outputs["stats"] = rows(look) { channel in stats.fields.map { channel[$0.rawValue] } }
        outputs["all"] = rows(look) { $0["percentiles"]?.members?.map(\.value) }
        stats.mask = .nonzero
        let nonzero = try stats.look(at: tensor, in: &context)
        outputs["nonzero"] = rows(nonzero) { $0["percentiles"]?.members?.map(\.value) }
    }

    /// Mean and deviation that a z-score takes, measured beside it.
    mutating func observe(_ tensor: Tensor, before step: any IntensityOperator) throws {
        guard let zscore = step as? ZScore,
            golden.expected.contains(where: { ["mean", "std"].contains($0.name) })
        else { return }
        var stats = Stats()
        stats.mask = zscore.mask
        let channels = try stats.look(at: tensor, in: &context)["channels"]?.array ?? []
        func list(_ field: SummaryField) -> [Double] {
            channels.map { $0[field.rawValue]?.double ?? .nan }
        }
        outputs["mean"] = GoldenValues(list(.mean), sizes: [channels.count])
        let variances = list(zscore.ddof == 0 ? .variance : .unbiasedVariance)
        outputs["std"] = GoldenValues(variances.map { $0.squareRoot() }, sizes: [channels.count])
    }

    /// One row for each channel of a look; nil where one is missing.
    private func rows(_ look: JSONValue, _ row: (JSONValue) -> [JSONValue?]?) -> GoldenValues? {
        var rows = [[Double]]()
        for channel in look["channels"]?.array ?? [] {
            guard let values = row(channel) else { return nil }
            rows.append(values.map { $0?.double ?? .nan })
        }
        return GoldenValues(rows: rows)
    }
}
