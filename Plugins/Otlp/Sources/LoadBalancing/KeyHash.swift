import WeirTelemetry

/// A 64-bit hash of bytes that is the same in every process: what routes by it has to agree with
/// others that do. Eight bytes at a time are multiplied in, and the end is MurmurHash3's finalizer,
/// so that keys which differ in one bit lie far apart.
struct KeyHash {
    private var value: UInt64

    init(seed: UInt64 = 0) { value = seed ^ 0x9e37_79b9_7f4a_7c15 }

    /// Takes in bytes and their number, so that ("ab", "c") is not ("a", "bc").
    mutating func combine(_ bytes: RawSpan) {
        var offset = 0
        while offset &+ 8 <= bytes.byteCount {
            combine(
                UInt64(
                    littleEndian: unsafe bytes.unsafeLoadUnaligned(
                        fromUncheckedByteOffset: offset, as: UInt64.self)))
            offset &+= 8
        }
        var rest: UInt64 = 0
        while offset < bytes.byteCount {
            rest =
                rest << 8
                | UInt64(unsafe bytes.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self))
            offset &+= 1
        }
        combine(rest)
        combine(UInt64(bytes.byteCount))
    }

    mutating func combine(_ word: UInt64) {
        value = (value ^ word) &* 0xff51_afd7_ed55_8ccd
        value ^= value >> 32
    }

    mutating func combine(_ text: String) {
        var text = text
        text.withUTF8 { unsafe combine($0.span.bytes) }
    }

    func finish() -> UInt64 {
        var hash = value
        hash ^= hash >> 33
        hash = hash &* 0xff51_afd7_ed55_8ccd
        hash ^= hash >> 33
        hash = hash &* 0xc4ce_b9fe_1a85_ec53
        return hash ^ hash >> 33
    }
}
