internal import MedPrepCore
internal import MedPrepIO

extension Engine {
    /// The images of a case as the channels of one, with what reading each has shown.
    struct ReadTogether {
        let volume: Volume
        let channels: [CaseWork.ChannelGroup]
        /// By the image's name.
        let readings: [String: NIfTIReading]
    }

    /// nil where the images are not alike, each keeps its header's text, or one cannot be read: then they are read one by
    /// one.
    func readTogether(_ planned: PlannedCase, _ workers: Workers) -> ReadTogether? {
        let images = planned.files.filter { $0.role == .image }
        var reader = NIfTIReader(
            fourthAxis: pipeline.input.fourthAxis, nonfinite: pipeline.input.nonfinite, workers: workers)
        reader.keepsNumbers = pipeline.readsNumbers
        reader.findsBox = pipeline.asksForNonzero
        guard images.count > 1, !pipeline.output.keepsHeaderText,
            let (volume, readings) = reader.readTogether(images.map(\.path))
        else {
            return nil
        }
        let named = zip(images, readings).map { ($0.name, $1) }
        return ReadTogether(
            volume: volume,
            channels: images.map { CaseWork.ChannelGroup(image: $0.name, count: 1, headerText: nil) },
            readings: Dictionary(named) { first, _ in first })
    }
}
