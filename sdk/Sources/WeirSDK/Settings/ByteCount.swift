/// A size in bytes, as settings have it with format `bytes` (`4MiB`); the host has made a number of
/// it.
public struct ByteCount: Decodable, Sendable, Hashable {
    public var bytes: Int

    public init(_ bytes: Int) { self.bytes = bytes }

    public init(from decoder: any Decoder) throws {
        bytes = try decoder.singleValueContainer().decode(Int.self)
    }
}
