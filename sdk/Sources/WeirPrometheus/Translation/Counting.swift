import WeirTelemetry

extension MetricView {
    /// How many points there are, of whatever kind.
    var pointCount: Int {
        switch data {
        case .none: 0
        case .gauge(let points), .sum(let points): points.count()
        case .histogram(let points): points.count()
        case .exponentialHistogram(let points): points.count()
        case .summary(let points): points.count()
        }
    }
}

extension ScopeGroupView {
    var pointCount: Int {
        var count = 0
        var metrics = metrics
        while let metric = metrics.next() { count += metric.pointCount }
        return count
    }
}

extension ResourceGroupView {
    var pointCount: Int {
        var count = 0
        var scopes = scopes
        while let scope = scopes.next() { count += scope.pointCount }
        return count
    }
}
