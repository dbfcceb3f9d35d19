/// How hard a gzip file is compressed. Each gives one member that any reader takes; none depends on the number of
/// workers. The bytes of `fast` and `balanced` may differ on another CPU, the others' do not.
public enum Compression: Hashable, Sendable {
    /// Deflate blocks that only store: gzip of known size, without loss of time.
    case none
    /// ISA-L level 1.
    case fast
    /// ISA-L level 2.
    case balanced
    /// zlib level 1…9.
    case level(Int)
}
