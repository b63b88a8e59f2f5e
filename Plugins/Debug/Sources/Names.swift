import WeirTelemetry

// The words that the Collector prints for the enumerations; none for numbers that have no name.

extension SpanKind {
    var text: String {
        switch self {
        case .unspecified: "Unspecified"
        case .internal: "Internal"
        case .server: "Server"
        case .client: "Client"
        case .producer: "Producer"
        case .consumer: "Consumer"
        default: ""
        }
    }
}

extension StatusCode {
    var text: String {
        switch self {
        case .unset: "Unset"
        case .ok: "Ok"
        case .error: "Error"
        default: ""
        }
    }
}

extension AggregationTemporality {
    var text: String {
        switch self {
        case .unspecified: "Unspecified"
        case .delta: "Delta"
        case .cumulative: "Cumulative"
        default: ""
        }
    }
}

/// `Info`, `Info2`, ... for the numbers from 1 to 24.
func severityText(_ number: Int32) -> String {
    if number == 0 { return "Unspecified" }
    guard (1...24).contains(number) else { return "" }
    let levels = ["Trace", "Debug", "Info", "Warn", "Error", "Fatal"]
    let step = (number - 1) % 4
    return levels[Int(number - 1) / 4] + (step == 0 ? "" : String(step + 1))
}
