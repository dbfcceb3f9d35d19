import CMedPrepZlib

/// CRC-32 of two runs of bytes, one behind the other.
func joinedCRC(_ first: UInt32, _ second: UInt32, secondLength: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32_combine(UInt(first), UInt(second), secondLength))
}
