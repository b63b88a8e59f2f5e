import WeirTelemetry

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
