// Borrowed bytes compared and copied: the few places of this plugin that read raw memory.

extension RawSpan {
    /// Whether these are the same bytes.
    func equals(_ other: [UInt8]) -> Bool {
        guard byteCount == other.count else { return false }
        return unsafe withUnsafeBytes { unsafe $0.elementsEqual(other) }
    }

    /// The text, with U+FFFD for what is not UTF-8; at most `limit` bytes of it.
    func text(limit: Int = .max) -> String {
        unsafe withUnsafeBytes { bytes in
            guard bytes.count > limit else { return unsafe String(decoding: bytes, as: UTF8.self) }
            return unsafe String(decoding: bytes.prefix(limit), as: UTF8.self) + "…"
        }
    }

    func copy() -> [UInt8] {
        unsafe withUnsafeBytes { unsafe Array($0) }
    }
}
