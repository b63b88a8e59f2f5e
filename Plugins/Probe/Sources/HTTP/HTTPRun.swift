import WeirSDK

/// What one probe by HTTP has come to so far, over all redirects.
struct HTTPRun {
    struct Phases {
        var resolve = 0.0
        var connect = 0.0
        var tls = 0.0
        var processing = 0.0
        var transfer = 0.0
    }

    var phases = Phases()
    var redirects = 0
    var failedByPattern = false
    var isSecure = false
    /// Whether it came as far as having an address.
    var hasConnected = false
    private var code = 0
    private var version = 0.0
    private var announced = 0
    private var bodyLength = 0
    private var modified: Int64?
    private var known: [String: IPAddress] = [:]

    mutating func address(
        of name: String, _ choice: AddressChoice, _ attempt: inout Attempt
    ) throws(ProbeFailure) -> IPAddress {
        if let known = known[name] { return known }
        let found = attempt.resolve(name, choice, isFirst: known.isEmpty)
        phases.resolve += found.seconds
        guard let address = found.address else { throw ProbeFailure(found.problem) }
        known[name] = address
        return address
    }

    mutating func note(_ answer: ResponseParser) {
        code = answer.code
        version = answer.version
        announced = answer.announced
        bodyLength = answer.bodyLength
        modified = answer.header("last-modified").first.flatMap(HTTPDate.seconds)
    }

    /// Nobody reads the body of a redirect that is not followed any more.
    mutating func giveUp() { bodyLength = 0 }

    func write(to readings: inout Readings) {
        readings.set(
            "probe_failed_due_to_regex", Double(failedByPattern),
            help: "1: a regular expression was the reason for the failure.")
        readings.set(
            "probe_http_content_length", Double(announced),
            help: "Length of the body as its header says; -1: it does not.")
        readings.set(
            "probe_http_uncompressed_body_length", Double(bodyLength),
            help: "Length of the body as it came.")
        readings.set(
            "probe_http_redirects", Double(redirects), help: "Redirects that were followed.")
        readings.set(
            "probe_http_ssl", Double(isSecure), help: "1: the last answer came over TLS.")
        readings.set("probe_http_status_code", Double(code), help: "Status of the last answer.")
        readings.set("probe_http_version", version, help: "Version of the last answer.")
        if let modified {
            readings.set(
                "probe_http_last_modified_timestamp_seconds", Double(modified),
                help: "From the header Last-Modified, in Unix time.")
        }
        var all = [("resolve", phases.resolve)]
        if hasConnected {
            all += [
                ("connect", phases.connect), ("tls", phases.tls),
                ("processing", phases.processing), ("transfer", phases.transfer),
            ]
        }
        for (phase, seconds) in all {
            readings.set(
                "probe_http_duration_seconds", seconds,
                labels: [Readings.Label(name: "phase", value: phase)],
                help: "How long a phase took, over all redirects.")
        }
    }
}
