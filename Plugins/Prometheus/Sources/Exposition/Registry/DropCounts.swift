import WeirPrometheus

/// Why a point is not exposed.
enum DropReason: String, CaseIterable {
    /// The limit of series is reached, and this is a new one.
    case maxSeries = "max_series"
    /// Its family is of another type.
    case typeConflict = "type_conflict"
    /// It is older than the one that is held.
    case outOfOrder = "out_of_order"
    /// A delta that overlaps with what was added already.
    case deltaOverlap = "delta_overlap"
    /// Deltas that go up and down, totals that do not say that they are any.
    case temporality
    /// A native histogram with buckets that Prometheus has no schema for.
    case unsupported
    /// No value, or no name that Prometheus could use.
    case invalid
}

/// Points that were dropped, by reason.
struct DropCounts: Sendable, Equatable {
    private var counts: [DropReason: Int] = [:]

    subscript(reason: DropReason) -> Int {
        get { counts[reason] ?? 0 }
        set { counts[reason] = newValue == 0 ? nil : newValue }
    }

    var total: Int { counts.values.reduce(0, +) }

    mutating func add(_ others: DropCounts) {
        for (reason, count) in others.counts { self[reason] += count }
    }

    mutating func add(_ left: LeftOut) {
        self[.temporality] += left.delta + left.temporality
        self[.invalid] += left.withoutValue + left.unnamed
        self[.maxSeries] += left.overLimit
    }

    /// `3 points were dropped (2 max_series, 1 out_of_order)`
    var text: String {
        let parts = DropReason.allCases.filter { self[$0] > 0 }.map { "\(self[$0]) \($0.rawValue)" }
        return "\(total) points are not exposed (\(parts.joined(separator: ", ")))"
    }

    /// A counter of them, for those who read the exposition; `nil` as long as there are none.
    func family(at moment: UInt64) -> ExpositionFamily? {
        guard total > 0 else { return nil }
        let head = MetricFamily(
            name: "weir_prometheus_sink_dropped_points_total", type: .counter,
            help: "Data points that Weir's prometheus sink did not expose, by reason.")
        let points = DropReason.allCases.filter { self[$0] > 0 }.map { reason in
            ExpositionPoint(
                ExpositionSeries(Labels([Label("reason", reason.rawValue)])),
                .number(Double(self[reason])), timeUnixNano: moment)
        }
        return ExpositionFamily(head, points: points)
    }
}
