package import MedPrepCore

extension Shape {
    /// True for one element for each channel of each sample: by sample, then by channel.
    package func fits<Element>(_ rows: [[Element]]) -> Bool {
        rows.count == n && rows.allSatisfy { $0.count == c }
    }
}
