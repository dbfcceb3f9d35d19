/// The volumes of one subject. All share one grid, except images and labels that wait for the `resample` step
/// whose reference brings them together.
public struct Case: Sendable {
    /// What reports and outputs call it.
    public let name: String
    /// One image with all channels; or, before they share a grid, one for each name.
    public var images: [Named]
    public var labels: [Named]
    public var masks: [Named]

    public init(name: String, images: [Named], labels: [Named] = [], masks: [Named] = []) {
        (self.name, self.images, self.labels, self.masks) = (name, images, labels, masks)
    }

    /// A volume and the name the pipeline file gives it.
    public struct Named: Sendable {
        public let name: String
        public var volume: Volume

        public init(_ name: String, _ volume: consuming Volume) {
            self.name = name
            self.volume = volume
        }
    }
}
