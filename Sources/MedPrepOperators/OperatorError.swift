public import MedPrepCore

/// Why a step could not be done on one case. The case fails with this sentence; the others go on.
public enum OperatorError: RefusalError, Hashable, Sendable {
    case emptyMask(mask: String)
    /// Where one mask is needed and the case has none, or several.
    case noMask(MaskRequest, available: [String])
    case unknownMask(String, available: [String])
    /// A mask that does not lie on the image's grid.
    case maskShape(mask: String, found: [Int], expected: [Int])
    /// `accept`: the parameter that accepts it; nil: the step has none.
    case oneValuePerChannel(count: Int, accept: String?)
    case zeroStandardDeviation(channel: Int)
    case zeroScale(channel: Int, scale: String)
    case emptyForeground(select: String)
    /// A crop that leaves no voxel.
    case nothingLeft(operator: String, extent: [Int])
    /// `sources`: the parameters that give the statistics, each of which would do.
    case noState(operator: String, mode: String, sources: [String])
    case invalidState(operator: String, reason: String)
    case unknownOrientation(operator: String)
    /// A list parameter with one value for each channel has another length.
    case channelCount(parameter: String, found: Int, expected: Int)
    /// A channel number that the volume does not have.
    case noChannel(index: Int, channels: Int)
    case groupsDoNotDivide(groups: Int, channels: Int)
    case outOfRange(found: Float, expected: String)
    /// A value that nnU-Net's normalization of colours does not take.
    case noColour(found: Float)
    case unequalShapes([[Int]])
    /// Statistics over the samples of several files that would have to travel voxel by voxel.
    case ungatheredBatch(operator: String, reduce: String, files: Int)
    /// An output channel of a weight tensor without a direction.
    case zeroWeights(channel: Int)
    case unresolvedReference(String)
    /// A spacing that the whole data set must tell first.
    case unresolvedSpacing(operator: String)
    case tooLarge(extent: [Int])
    case noFiniteValue(operator: String)
    /// Neither a label map nor a mask that says which voxels are foreground.
    case noForeground(operator: String, available: [String])
    /// The voxels around the mode have no spread.
    case noWhiteStripe(channel: Int, voxels: Int)
    /// A step that learns from a whole data set was applied without it.
    case notLearned(operator: String, parameter: String)

    public var refusal: Refusal {
        switch self {
        case .emptyMask: .emptyMask
        case .noMask, .unknownMask: .noMask
        case .maskShape: .gridMismatch
        case .oneValuePerChannel: .oneValuePerChannel
        case .zeroStandardDeviation: .zeroStd
        case .zeroScale: .zeroScale
        case .emptyForeground: .emptyForeground
        case .nothingLeft: .nothingLeft
        case .noState: .noState
        case .invalidState: .invalidState
        case .unknownOrientation: .unknownOrientation
        case .channelCount: .channelCount
        case .noChannel: .noChannel
        case .groupsDoNotDivide: .groupsDoNotDivide
        case .outOfRange, .noColour: .outOfRange
        case .unequalShapes: .unequalShapes
        case .ungatheredBatch: .ungatheredBatch
        case .zeroWeights: .zeroWeights
        case .unresolvedReference: .unresolvedReference
        case .unresolvedSpacing: .unresolvedSpacing
        case .tooLarge: .sizeOverflow
        case .noFiniteValue: .noFiniteValue
        case .noForeground: .emptyForeground
        case .noWhiteStripe: .zeroStd
        case .notLearned: .noState
        }
    }
}

extension OperatorError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .emptyMask(let mask):
            "the mask \"\(mask)\" holds no voxel; choose another mask, or leave it out to use every voxel"
        case .noMask(let request, let available) where available.isEmpty:
            "\(request.parameter) needs a mask, and this case has none; name one under input.masks"
        case .noMask(let request, let available):
            "\(request.parameter) is not clear: the case has \(available.joined(separator: ", ")); "
                + (request.canName
                    ? "write {\"file\": \"\(available[0])\"}" : "keep one of them under input.masks")
        case .unknownMask(let name, let available):
            "the case has no mask \"\(name)\"; it has \(available.isEmpty ? "none" : available.joined(separator: ", "))"
        case .maskShape(let mask, let found, let expected):
            "the mask \"\(mask)\" has the shape \(text(found)), expected \(text(expected)); "
                + "give a mask on the image's grid"
        case .oneValuePerChannel(let count, let accept):
            "a variance needs more than one value per channel, found \(count); "
                + (accept.map { "set \($0) to accept y = beta" } ?? "use volumes of more than one voxel")
        case .zeroStandardDeviation(let channel):
            "channel \(channel) is constant, so its standard deviation is 0; "
                + "zero_std \"divide_by_one\" would only centre it"
        case .zeroScale(let channel, let scale):
            "the \(scale) of channel \(channel) is 0 (common on a zero background); choose a mask such as \"nonzero\""
        case .emptyForeground(let select):
            "no voxel \(select); choose another select, or on_empty \"keep\" to leave such volumes whole"
        case .nothingLeft(let name, let extent):
            "\(name) would leave no voxel of \(text(extent)); use a smaller crop"
        case .noState(let name, let mode, let sources):
            "\(name) in mode \"\(mode)\" needs statistics learned before; give \(sources.joined(separator: ", or "))"
        case .invalidState(let name, let reason): "the state for \(name) cannot be used: \(reason)"
        case .unknownOrientation(let name):
            "the file states no orientation (sform and qform codes are 0), which \(name) needs; set the codes"
                + (name == "orient" ? ", or on_unknown \"keep\"" : "")
        case .channelCount(let parameter, let found, let expected):
            "\(parameter) has \(found) values for \(expected) channels; give one for each channel"
        case .noChannel(let index, let channels):
            "channels names \(index), but the volume has \(channels); they count from 0"
        case .groupsDoNotDivide(let groups, let channels):
            "\(groups) groups do not divide \(channels) channels; choose a divisor"
        case .outOfRange(let found, let expected):
            "found the value \(found), expected \(expected); set require_in_range false to accept it"
        case .noColour(let found):
            "found the value \(found), but RGBTo01Normalization takes 0 to 255; choose another normalization"
        case .unequalShapes(let shapes):
            "the volumes of a batch have unequal sizes \(shapes.map(text).joined(separator: ", ")); "
                + "put crop_or_pad before this step"
        case .ungatheredBatch(let name, let reduce, let files):
            "\(name) over \(reduce) keeps a statistic for too many places to gather it from \(files) files; set batch.size 1, "
                + "read the samples from one file (fourth_axis \"batch\"), or average over H and W too"
        case .zeroWeights(let channel):
            "the weights of output channel \(channel) are all 0, so they have no direction; initialize them first"
        case .unresolvedReference(let name):
            "the reference \"\(name)\" was not found among the images of the case"
        case .unresolvedSpacing(let name):
            "\(name) takes its spacing from the whole data set (\"median\"), of which no case is known; "
                + "give spacing_ijk in millimetres"
        case .tooLarge(let extent): "a grid of \(text(extent)) voxels is too large"
        case .noFiniteValue(let name): "\(name) found no finite voxel to take statistics from"
        case .noForeground(let name, let available) where available.isEmpty:
            "\(name) learns from the foreground, and this case has neither a label map nor a mask; "
                + "name one under input.labels or input.masks, or give the statistics"
        case .noForeground(let name, let available):
            "\(name) learns from the foreground, and the case has several: \(available.joined(separator: ", ")); "
                + "keep one label map (or, without label maps, one mask), or give the statistics"
        case .noWhiteStripe(let channel, 0):
            "the white stripe of channel \(channel) holds no voxel; choose a larger width, or another mask"
        case .noWhiteStripe(let channel, let voxels):
            "the \(voxels) voxels in the white stripe of channel \(channel) are equal, so it has no spread; "
                + "choose a larger width, or another mask"
        case .notLearned(let name, let parameter):
            "\(name) has not learned from a data set yet; learn from its measures first, or give \(parameter)"
        }
    }

    private func text(_ sizes: [Int]) -> String { sizes.map(String.init).joined(separator: "x") }
}
