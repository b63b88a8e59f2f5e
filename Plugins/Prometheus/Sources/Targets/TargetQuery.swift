/// What a request for the targets asks for.
struct TargetQuery: Sendable, Equatable {
    private var values: [String: String] = [:]

    init(_ query: String) {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? unescaped(parts[1]) : ""
            values[unescaped(parts[0])] = value
        }
    }

    /// `active`, `dropped` or `any`, as Prometheus has it; anything else is any.
    var state: String { values["state", default: "any"].lowercased() }
    var showsActive: Bool { state != "dropped" }
    var showsDropped: Bool { state != "active" }
    /// Empty: all. Prometheus calls it `scrapePool`; the page calls it what people do.
    var job: String { values["scrapePool"] ?? values["job"] ?? "" }
    /// Empty: any; `up`, `down`, `unknown`.
    var health: String { values["health", default: ""].lowercased() }
    /// Text that must occur in the URL, a label or the error.
    var search: String { values["search", default: ""] }
}

private func unescaped(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        switch byte {
        case UInt8(ascii: "+"): bytes.append(0x20)
        case UInt8(ascii: "%"):
            let digits = rest.prefix(2)
            guard digits.count == 2, let value = UInt8(String(Substring(digits)), radix: 16) else {
                bytes.append(byte)
                continue
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        default: bytes.append(byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
