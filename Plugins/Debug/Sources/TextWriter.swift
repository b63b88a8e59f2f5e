import WeirTelemetry

/// Appends text, telemetry's own strings included, without making a `String` of each.
struct TextWriter {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func put(_ text: UTF8Text) { put(raw: text.bytes) }

    mutating func put(raw text: RawSpan) {
        unsafe text.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }

    mutating func put(hex id: RawSpan) { put(id.hex) }

    mutating func endLine() { bytes.append(UInt8(ascii: "\n")) }

    mutating func line(_ text: String) {
        put(text)
        endLine()
    }

    mutating func line(_ label: String, _ text: UTF8Text) {
        put(label)
        put(text)
        endLine()
    }

    mutating func line(_ label: String, hex id: RawSpan) {
        put(label)
        put(hex: id)
        endLine()
    }

    mutating func line(_ label: String, time: UInt64) {
        put(label)
        put(timestampText(time))
        endLine()
    }

    /// A double with six digits after the point.
    mutating func line(_ label: String, fixed number: Double) {
        put(label)
        put(fixedText(number))
        endLine()
    }

    /// A count that is worth a line only where it is not 0.
    mutating func line(_ label: String, unlessZero number: UInt32) {
        if number != 0 { line(label + String(number)) }
    }
}
