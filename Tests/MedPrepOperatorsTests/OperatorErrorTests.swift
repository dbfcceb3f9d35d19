import MedPrepCore
import MedPrepOperators
import Testing

@Suite("OperatorError") struct OperatorErrorTests {
    private static let file = MaskRequest("mask \"file\"", canName: true)
    private static let center = MaskRequest("center \"mask\"")

    static let errors: [(OperatorError, code: String, text: String)] = [
        (
            .emptyMask(mask: "brain"), "empty_mask",
            "the mask \"brain\" holds no voxel; choose another mask, or leave it out to use every voxel"
        ),
        (
            .noMask(file, available: []), "no_mask",
            "mask \"file\" needs a mask, and this case has none; name one under input.masks"
        ),
        (
            .noMask(file, available: ["a", "b"]), "no_mask",
            "mask \"file\" is not clear: the case has a, b; write {\"file\": \"a\"}"
        ),
        (
            .noMask(center, available: ["a", "b"]), "no_mask",
            "center \"mask\" is not clear: the case has a, b; keep one of them under input.masks"
        ),
        (
            .unknownMask("brain", available: ["a", "b"]), "no_mask",
            "the case has no mask \"brain\"; it has a, b"
        ),
        (.unknownMask("brain", available: []), "no_mask", "the case has no mask \"brain\"; it has none"),
        (
            .maskShape(mask: "a", found: [1, 2, 3], expected: [1, 2, 4]), "grid_mismatch",
            "the mask \"a\" has the shape 1x2x3, expected 1x2x4; give a mask on the image's grid"
        ),
        (
            .oneValuePerChannel(count: 1, accept: "allow_single_value"), "one_value_per_channel",
            "a variance needs more than one value per channel, found 1; "
                + "set allow_single_value to accept y = beta"
        ),
        (
            .oneValuePerChannel(count: 1, accept: nil), "one_value_per_channel",
            "a variance needs more than one value per channel, found 1; use volumes of more than one voxel"
        ),
        (
            .zeroStandardDeviation(channel: 2), "zero_std",
            "channel 2 is constant, so its standard deviation is 0; "
                + "zero_std \"divide_by_one\" would only centre it"
        ),
        (
            .zeroScale(channel: 0, scale: "mad"), "zero_scale",
            "the mad of channel 0 is 0 (common on a zero background); choose a mask such as \"nonzero\""
        ),
        (
            .emptyForeground(select: "is positive"), "empty_foreground",
            "no voxel is positive; choose another select, or on_empty \"keep\" to leave such volumes whole"
        ),
        (
            .nothingLeft(operator: "crop", extent: [4, 5, 6]), "nothing_left",
            "crop would leave no voxel of 4x5x6; use a smaller crop"
        ),
        (
            .noState(
                operator: "batch_norm", mode: "eval", sources: ["state", "running_mean and running_var"]),
            "no_state",
            "batch_norm in mode \"eval\" needs statistics learned before; "
                + "give state, or running_mean and running_var"
        ),
        (
            .noState(operator: "batch_renorm", mode: "eval", sources: ["state"]), "no_state",
            "batch_renorm in mode \"eval\" needs statistics learned before; give state"
        ),
        (
            .invalidState(operator: "nyul", reason: "it is empty"), "invalid_state",
            "the state for nyul cannot be used: it is empty"
        ),
        (
            .unknownOrientation(operator: "orient"), "unknown_orientation",
            "the file states no orientation (sform and qform codes are 0), which orient needs; set the codes, "
                + "or on_unknown \"keep\""
        ),
        (
            .unknownOrientation(operator: "resample"), "unknown_orientation",
            "the file states no orientation (sform and qform codes are 0), which resample needs; set the codes"
        ),
        (
            .channelCount(parameter: "gamma", found: 1, expected: 2), "channel_count",
            "gamma has 1 values for 2 channels; give one for each channel"
        ),
        (
            .noChannel(index: 3, channels: 2), "no_channel",
            "channels names 3, but the volume has 2; they count from 0"
        ),
        (
            .groupsDoNotDivide(groups: 3, channels: 4), "groups_do_not_divide",
            "3 groups do not divide 4 channels; choose a divisor"
        ),
        (
            .outOfRange(found: 300, expected: "0 to 255"), "out_of_range",
            "found the value 300.0, expected 0 to 255; set require_in_range false to accept it"
        ),
        (
            .unequalShapes([[1, 2], [1, 3]]), "unequal_shapes",
            "the volumes of a batch have unequal sizes 1x2, 1x3; put crop_or_pad before this step"
        ),
        (
            .unresolvedReference("t1"), "unresolved_reference",
            "the reference \"t1\" was not found among the images of the case"
        ),
        (
            .zeroWeights(channel: 3), "zero_weights",
            "the weights of output channel 3 are all 0, so they have no direction; initialize them first"
        ),
        (
            .ungatheredBatch(operator: "normalize_over", reduce: "N", files: 4), "ungathered_batch",
            "normalize_over over N keeps a statistic for too many places to gather it from 4 files; set batch.size 1, "
                + "read the samples from one file (fourth_axis \"batch\"), or average over H and W too"
        ),
        (.tooLarge(extent: [9, 9, 9]), "size_overflow", "a grid of 9x9x9 voxels is too large"),
        (
            .noFiniteValue(operator: "zscore"), "no_finite_value",
            "zscore found no finite voxel to take statistics from"
        ),
    ]

    @Test("has a stable code and says what was found and what to do", arguments: errors.indices)
    func text(index: Int) {
        let (error, code, text) = Self.errors[index]
        #expect(error.code == code)
        #expect(error.description == text)
    }

    @Test("is one line")
    func line() {
        #expect(Self.errors.allSatisfy { !$0.text.contains("\n") && !$0.text.hasSuffix(".") })
    }
}
