import Testing

@testable import WeirTelemetry

struct ComparisonTests {
    /// Every length, and each byte of it that may differ.
    @Test(arguments: 0..<80)
    func hasWhatIsThere(count: Int) {
        let key = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 1) }
        for offset in [0, 1, 5] {
            let bytes = [UInt8](repeating: 0, count: offset) + key
            #expect(unsafe bytes.span.bytes.has(key.span.bytes, at: offset))
            #expect(unsafe (bytes + [9]).span.bytes.has(key.span.bytes, at: offset))
            #expect(unsafe !bytes.span.bytes.has((key + [9]).span.bytes, at: offset))
            for place in key.indices {
                var other = bytes
                other[offset + place] ^= 0x80
                #expect(unsafe !other.span.bytes.has(key.span.bytes, at: offset))
            }
        }
    }
}
