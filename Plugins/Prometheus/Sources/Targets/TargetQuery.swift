import WeirSDK

/// What a request for the targets asks for.
struct TargetQuery: Sendable, Equatable {
    private var values: [String: String] = [:]

    init(_ query: String) {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let texts = parts.map { PercentEncoding.decode($0, plusIsSpace: true) }
            values[texts[0]] = texts.count == 2 ? texts[1] : ""
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
