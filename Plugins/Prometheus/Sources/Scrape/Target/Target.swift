import WeirPrometheus

/// Something to scrape, as discovery and relabelling made it.
struct Target: Sendable {
    /// With which it was found, and the defaults of its job.
    let discovered: Labels
    /// Those that all of its series carry: without any that begins with `__`.
    let labels: Labels
    let scheme: String
    /// host:port
    let address: String
    /// Path and query.
    let path: String
    /// Nanoseconds.
    let interval: UInt64
    let timeout: UInt64

    /// `http://host:port`
    var endpoint: String { "\(scheme)://\(address)" }
    var url: String { endpoint + path }

    var identity: TargetIdentity { TargetIdentity(labels: labels, url: url) }
}

/// What became of one discovered set of labels.
enum TargetOutcome: Sendable {
    case target(Target)
    /// A rule dropped it: which one is found out when someone asks.
    case dropped(Labels)
    /// It cannot be scraped.
    case failed(Labels, String)
}
