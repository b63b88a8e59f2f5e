import WeirPrometheus

/// What tells one target from another: its final labels and its URL.
struct TargetIdentity: Sendable, Hashable {
    let labels: Labels
    let url: String

    /// A number that is the same in every process: FNV-1a with 64 bits, finished so that its low
    /// bits depend on all of it.
    var stableHash: UInt64 {
        var hash = StableHash()
        for label in labels.all {
            hash.add(label.name)
            hash.add(label.value)
        }
        hash.add(url)
        return hash.value
    }
}

struct StableHash: Sendable {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ text: String) {
        for byte in text.utf8 { add(byte) }
        // No byte of UTF-8: `ab`, `c` differs from `a`, `bc`.
        add(0xff)
    }

    private mutating func add(_ byte: UInt8) {
        state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    }

    /// With the last step of MurmurHash3 (Austin Appleby, public domain).
    var value: UInt64 {
        var value = state
        value = (value ^ (value >> 33)) &* 0xff51_afd7_ed55_8ccd
        value = (value ^ (value >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return value ^ (value >> 33)
    }
}
