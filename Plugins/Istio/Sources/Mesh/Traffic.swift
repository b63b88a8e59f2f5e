import WeirPrometheus
import WeirSDK

/// Who talks to whom, and who says so.
struct WorkloadPair: Sendable, Hashable {
    var reporter: String
    var source: String
    var sourceNamespace: String
    var destination: String
    var destinationNamespace: String

    init(_ labels: Labels) {
        reporter = labels["reporter"]
        source = labels["source_workload"]
        sourceNamespace = labels["source_workload_namespace"]
        destination = labels["destination_workload"]
        destinationNamespace = labels["destination_workload_namespace"]
    }

    var attributes: Attributes {
        [
            "source_workload": .string(source),
            "source_workload_namespace": .string(sourceNamespace),
            "destination_workload": .string(destination),
            "destination_workload_namespace": .string(destinationNamespace),
        ]
    }
}

/// Requests, or connections, of one pair.
struct Tally: Sendable, Equatable {
    var all = 0.0
    /// Over mutual TLS.
    var secured = 0.0
    /// Answered with another status than 5xx.
    var succeeded = 0.0

    static func += (left: inout Tally, right: Tally) {
        left.all += right.all
        left.secured += right.secured
        left.succeeded += right.succeeded
    }

    /// What came since `earlier`; a counter that fell began anew.
    func since(_ earlier: Tally) -> Tally {
        func growth(_ now: Double, _ before: Double) -> Double { now < before ? now : now - before }
        return Tally(
            all: growth(all, earlier.all), secured: growth(secured, earlier.secured),
            succeeded: growth(succeeded, earlier.succeeded))
    }
}

/// The tallies of a family of counters, by pair.
func tallies(_ family: ReadFamily?) -> [WorkloadPair: Tally] {
    var found: [WorkloadPair: Tally] = [:]
    for point in family?.points ?? [] {
        guard case .number(let count) = point.value, count.isFinite else { continue }
        let isSecured = point.labels["connection_security_policy"] == "mutual_tls"
        let isFailure = point.labels["response_code"].hasPrefix("5")
        found[WorkloadPair(point.labels), default: Tally()] += Tally(
            all: count, secured: isSecured ? count : 0, succeeded: isFailure ? 0 : count)
    }
    return found
}

/// What came within a time that moves along. A value that knows no clock.
struct TrafficWindow: Sendable {
    private struct Increment: Sendable {
        var moment: UInt64
        var tallies: [WorkloadPair: Tally]
    }

    private let length: UInt64
    private var totals: [WorkloadPair: Tally]?
    private var increments: [Increment] = []

    init(_ length: Duration) { self.length = length.clampedNanoseconds }

    /// Takes the totals of now. The first ones are all that there is, from the proxy's start on;
    /// what is older than the window no longer counts.
    mutating func take(_ now: [WorkloadPair: Tally], at moment: UInt64) {
        if let totals {
            var grown: [WorkloadPair: Tally] = [:]
            for (pair, tally) in now {
                let growth = tally.since(totals[pair] ?? Tally())
                if growth.all > 0 { grown[pair] = growth }
            }
            increments.append(Increment(moment: moment, tallies: grown))
            increments.removeAll { $0.moment &+ length <= moment }
        }
        totals = now
    }

    private var isFirst: Bool { increments.isEmpty }

    /// What came within the window; from the start on, while there is only one reading.
    private var recent: [WorkloadPair: Tally] {
        if isFirst { return totals ?? [:] }
        return increments.reduce(into: [:]) { sums, increment in
            for (pair, tally) in increment.tallies { sums[pair, default: Tally()] += tally }
        }
    }

    /// The share of successes by pair; none for those without traffic.
    func successRates() -> [(WorkloadPair, Double)] {
        recent.filter { $0.value.all > 0 }.map { ($0.key, $0.value.succeeded / $0.value.all) }
    }

    /// The share of mutual TLS by pair, as the destination sees it: the source does not know.
    /// Without traffic in the window that of all since the proxy's start.
    func coverages() -> [(WorkloadPair, Double)] {
        let recent = recent
        return (totals ?? [:]).compactMap { pair, total in
            guard pair.reporter == "destination" else { return nil }
            let tally = recent[pair].flatMap { $0.all > 0 ? $0 : nil } ?? total
            return tally.all > 0 ? (pair, tally.secured / tally.all) : nil
        }
    }
}
