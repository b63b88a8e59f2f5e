import Foundation

/// Two exporters that look at the same server at the same moment: which metrics of theirs we have,
/// with their type, their labels and, where values do not move, their values.
struct Parity {
    /// What is allowed to differ, and how the page names things.
    struct Terms {
        /// Metrics of either that are about its own process.
        var ignored = ["process_*", "go_*", "promhttp_*", "weir_*"]
        /// Why a metric of theirs is absent here, or has another type or other labels. A name may end
        /// in `*`.
        var differences: [String: String] = [:]
        /// A remark for the page on a metric that both have, or that only we have.
        var remarks: [String: String] = [:]
        /// Metrics whose series must be the same and have the same values in both; `*` as above.
        var stable: [String] = []
        /// By how much, of their value, a metric of `stable` may be off.
        var tolerance: [String: Double] = [:]
        /// At least this part of their metrics must be here as they are there.
        var atLeast = 0.95
    }

    struct Row {
        var metric: String
        /// "gauge", or "gauge, theirs untyped".
        var type: String
        var labels: String
        var isTheirs: Bool
        var isOurs: Bool
        /// What the two differ in; empty: nothing.
        var fault = ""
        var remark = ""
    }

    private(set) var rows: [Row] = []
    /// Everything that is wrong, in words; empty: parity.
    private(set) var faults: [String] = []

    var theirs: Int { rows.filter(\.isTheirs).count }
    /// How many of theirs are here with the same type and labels.
    var same: Int { rows.filter { $0.isTheirs && $0.isOurs && $0.fault.isEmpty }.count }
    var share: Double { theirs == 0 ? 1 : Double(same) / Double(theirs) }

    /// - Parameter theirs: `nil`: there is no counterpart, and the page lists what we have.
    init(ours: Exposition, theirs: Exposition?, _ terms: Terms = Terms()) {
        let other = theirs?.families ?? [:]
        let names = Set(ours.families.keys).union(other.keys).filter { name in
            !terms.ignored.contains { matches(name, $0) }
        }
        for name in names.sorted() {
            var row = Self.row(name, ours[name], other[name])
            let reason = terms.differences.first { matches(name, $0.key) }?.value
            if row.fault.isEmpty {
                row.remark = terms.remarks.first { matches(name, $0.key) }?.value ?? ""
            } else {
                row.remark = reason ?? ""
                if reason == nil { faults.append("\(name): \(row.fault)") }
            }
            rows.append(row)
        }
        if theirs != nil {
            if share < terms.atLeast {
                faults.append("\(same) of \(self.theirs) metrics of theirs are here as there")
            }
            if self.theirs == 0 { faults.append("they show nothing") }
        }
        if ours.families.isEmpty { faults.append("we show nothing") }
        if let theirs { compareValues(ours, theirs, terms) }
    }

    private static func row(
        _ name: String, _ ours: Exposition.Family?, _ theirs: Exposition.Family?
    ) -> Row {
        func sorted(_ names: Set<String>) -> String {
            names.sorted().map { "`\($0)`" }.joined(separator: ", ")
        }
        let family = ours ?? theirs!
        var row = Row(
            metric: name, type: family.type, labels: sorted(family.labelNames),
            isTheirs: theirs != nil, isOurs: ours != nil)
        guard let theirs else { return row }
        guard let ours else {
            row.fault = "is absent"
            return row
        }
        // A family without samples says nothing of its labels.
        guard !theirs.samples.isEmpty else { return row }
        var faults: [String] = []
        if ours.type != theirs.type {
            faults.append("is a \(ours.type), theirs a \(theirs.type)")
            row.type += " (theirs: \(theirs.type))"
        }
        let missing = theirs.labelNames.subtracting(ours.labelNames)
        let added = ours.labelNames.subtracting(theirs.labelNames)
        if !missing.isEmpty {
            faults.append("lacks the labels \(missing.sorted())")
            row.labels += " (theirs also: \(sorted(missing)))"
        }
        if !added.isEmpty {
            faults.append("has the labels \(added.sorted()), which theirs has not")
            row.labels += " (not theirs: \(sorted(added)))"
        }
        row.fault = faults.joined(separator: "; ")
        return row
    }

    private mutating func compareValues(
        _ ours: Exposition, _ theirs: Exposition, _ terms: Terms
    ) {
        for pattern in terms.stable {
            let names = theirs.families.keys.filter { matches($0, pattern) }.sorted()
            if names.isEmpty { faults.append("\(pattern) is to be stable, and they have none") }
            for name in names where ours[name] != nil {
                let own = Self.values(ours[name]!)
                let other = Self.values(theirs[name]!)
                let tolerance = terms.tolerance.first { matches(name, $0.key) }?.value ?? 0
                for (series, value) in other.sorted(by: { $0.key < $1.key }) {
                    guard let found = own[series] else {
                        faults.append("\(series) is theirs alone")
                        continue
                    }
                    let isSame =
                        found == value || (found.isNaN && value.isNaN)
                        || abs(found - value) <= tolerance * abs(value)
                    if !isSame { faults.append("\(series) is \(found), theirs \(value)") }
                }
                for series in own.keys.sorted() where other[series] == nil {
                    faults.append("\(series) is ours alone")
                }
            }
        }
    }

    private static func values(_ family: Exposition.Family) -> [String: Double] {
        var result: [String: Double] = [:]
        for sample in family.samples {
            // An empty label is none; bounds are numbers, which may be written in several ways.
            var sample = sample
            sample.labels = sample.labels.filter { !$0.value.isEmpty }
            for name in ["le", "quantile"] {
                guard let bound = sample.labels[name].flatMap({ Double($0) }) else { continue }
                sample.labels[name] = String(bound)
            }
            result[sample.text] = sample.value
        }
        return result
    }
}

extension Parity {
    /// Asks both at the same moment, again and again until nothing is wrong or the time is up: what
    /// two exporters see may differ for a moment.
    static func compare(
        _ ours: MetricsServer, _ theirs: MetricsServer, _ terms: Terms = Terms(),
        paths: (ours: String, theirs: String) = ("/metrics", "/metrics"),
        within seconds: Double = 20
    ) async throws -> Parity {
        let limit = ContinuousClock.now + .seconds(seconds)
        let urls = (ours.url(paths.ours), theirs.url(paths.theirs))
        while true {
            async let own = MetricsServer.metrics(urls.0)
            async let other = MetricsServer.metrics(urls.1)
            let parity = try await Parity(ours: own, theirs: other, terms)
            if parity.faults.isEmpty || ContinuousClock.now >= limit { return parity }
            try await Task.sleep(for: .milliseconds(200))
        }
    }
}

/// Whether a name is meant by a pattern, which is a name or a beginning with `*`.
private func matches(_ name: String, _ pattern: String) -> Bool {
    pattern.hasSuffix("*") ? name.hasPrefix(pattern.dropLast()) : name == pattern
}
