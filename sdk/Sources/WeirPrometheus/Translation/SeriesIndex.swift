import WeirTelemetry

/// The tree of what was seen: resources, their scopes, their metrics, their points; each level
/// finds its children by their bytes. A point has a slot, which is where the caller keeps what it
/// wants for it.
@usableFromInline
final class SeriesIndex {
    let options: TranslationOptions
    @usableFromInline private(set) var count = 0
    private var resources = ByteTable()
    private var resourceNodes: [ResourceNode] = []
    private var slotCount = 0
    private var freeSlots: [Int] = []
    private var lastSweep: UInt32 = 0
    /// Where keys are put together; kept for its memory.
    private var key: [UInt8] = []
    private var tick: UInt32 = 0

    @usableFromInline
    init(_ options: TranslationOptions) {
        self.options = options
    }

    @usableFromInline
    func removeAll() {
        resources = ByteTable()
        resourceNodes = []
        freeSlots = []
        slotCount = 0
        count = 0
    }

    // MARK: Walking

    @usableFromInline typealias Visit = (borrowing PointData, Int, SeriesIdentity?) -> Void

    /// Visits every point that has a place in Prometheus: with its slot and, if it is new, what it
    /// is.
    @usableFromInline
    func walk(_ request: RawSpan, now: UInt64, _ visit: Visit) -> LeftOut {
        tick = UInt32(truncatingIfNeeded: now / 1_000_000_000)
        var left = LeftOut()
        var groups = RequestView(request).resources
        while let group = groups.next() {
            guard let node = resourceNode(group) else {
                left.overLimit += group.pointCount
                continue
            }
            var latest: UInt64 = 0
            var scopes = group.scopes
            while let scope = scopes.next() {
                guard let scopeNode = scopeNode(scope, in: node) else {
                    left.overLimit += scope.pointCount
                    continue
                }
                var metrics = scope.metrics
                while let bytes = metrics.nextBytes() {
                    walk(
                        metric: bytes, in: scopeNode, of: node, latest: &latest, left: &left,
                        visit)
                }
            }
            if let info = node.labels.info, latest > 0 {
                let isNew = node.infoSlot == nil
                let slot = node.infoSlot ?? takeSlot()
                node.infoSlot = slot
                visit(.info(timeUnixNano: latest), slot, isNew ? info : nil)
            }
        }
        return left
    }

    private func resourceNode(_ group: borrowing ResourceGroupView) -> ResourceNode? {
        key.removeAll(keepingCapacity: true)
        appendContents(of: 1, in: group.bytes, to: &key)
        guard
            let (number, isNew) = resources.number(of: key, at: tick, adding: hasRoom)
        else { return nil }
        if isNew { resourceNodes.append(ResourceNode(ResourceLabels(group.resource, options))) }
        return resourceNodes[number]
    }

    private func scopeNode(_ group: borrowing ScopeGroupView, in node: ResourceNode) -> ScopeNode? {
        key.removeAll(keepingCapacity: true)
        appendContents(of: 1, in: group.bytes, to: &key)
        let schema = group.schemaURL.bytes
        if options.scopeLabels, schema.byteCount > 0 {
            key.appendTag(3, .bytes)
            key.append(contentsOf: schema)
        }
        guard
            let (number, isNew) = node.scopes.number(of: key, at: tick, adding: hasRoom)
        else { return nil }
        if isNew { node.scopeNodes.append(ScopeNode(options.scopeLabels(group))) }
        return node.scopeNodes[number]
    }

    private func walk(
        metric bytes: RawSpan, in scope: ScopeNode, of resource: ResourceNode,
        latest: inout UInt64, left: inout LeftOut, _ visit: Visit
    ) {
        key.removeAll(keepingCapacity: true)
        let header = MetricHeader(bytes, appendingTo: &key)
        guard
            let (number, isNew) = scope.metrics.number(of: key, at: tick, adding: hasRoom)
        else {
            left.overLimit += MetricView(bytes).pointCount
            return
        }
        if isNew { scope.metricNodes.append(MetricNode(MetricView(bytes), header, options)) }
        let node = scope.metricNodes[number]
        guard let reason = node.reason else {
            walkPoints(
                MetricView(bytes), node, PointContext(resource: resource, scope: scope), &latest,
                &left, visit)
            return
        }
        let points = MetricView(bytes).pointCount
        switch reason {
        case .delta: left.delta += points
        case .temporality: left.temporality += points
        case .unnamed: left.unnamed += points
        }
    }

    // MARK: Points

    private struct PointContext {
        let resource: ResourceNode
        let scope: ScopeNode
    }

    private func walkPoints(
        _ metric: borrowing MetricView, _ node: MetricNode, _ context: PointContext,
        _ latest: inout UInt64, _ left: inout LeftOut, _ visit: Visit
    ) {
        switch metric.data {
        case .none: return
        case .gauge(var points), .sum(var points):
            while let bytes = points.nextBytes() {
                let point = NumberDataPointView(bytes)
                if case .none = point.value, point.flags & 1 == 0 {
                    left.withoutValue += 1
                    continue
                }
                latest = max(latest, point.timeUnixNano)
                guard let (slot, isNew) = number(node, bytes, attributesField: 7) else {
                    left.overLimit += 1
                    continue
                }
                visit(
                    .number(point), slot,
                    isNew ? identity(node, context, point.attributes, .single) : nil)
            }
        case .histogram(var points):
            while let bytes = points.nextBytes() {
                let point = HistogramDataPointView(bytes)
                latest = max(latest, point.timeUnixNano)
                key.removeAll(keepingCapacity: true)
                appendFields((9, 7), of: bytes, to: &key)
                var counts = point.bucketCounts
                let hasBuckets = counts.next() != nil
                key.append(hasBuckets ? 1 : 0)
                guard let (slot, isNew) = keyed(node) else {
                    left.overLimit += 1
                    continue
                }
                visit(
                    .histogram(point), slot,
                    isNew
                        ? identity(
                            node, context, point.attributes,
                            .histogram(
                                bounds: doubles(point.explicitBounds), hasBuckets: hasBuckets))
                        : nil)
            }
        case .exponentialHistogram(var points):
            while let bytes = points.nextBytes() {
                let point = ExponentialHistogramDataPointView(bytes)
                latest = max(latest, point.timeUnixNano)
                guard let (slot, isNew) = number(node, bytes, attributesField: 1) else {
                    left.overLimit += 1
                    continue
                }
                visit(
                    .exponentialHistogram(point), slot,
                    isNew ? identity(node, context, point.attributes, .native) : nil)
            }
        case .summary(var points):
            while let bytes = points.nextBytes() {
                let point = SummaryDataPointView(bytes)
                latest = max(latest, point.timeUnixNano)
                key.removeAll(keepingCapacity: true)
                appendFields((7, 7), of: bytes, to: &key)
                var quantiles = point.quantiles
                while let quantile = quantiles.next() {
                    key.appendFixed64(quantile.quantile.bitPattern)
                }
                guard let (slot, isNew) = keyed(node) else {
                    left.overLimit += 1
                    continue
                }
                visit(
                    .summary(point), slot,
                    isNew
                        ? identity(
                            node, context, point.attributes,
                            .summary(quantiles: quantileValues(point.quantiles))) : nil)
            }
        }
    }

    /// The slot of a point that its attributes identify.
    private func number(
        _ node: MetricNode, _ point: RawSpan, attributesField: Int
    ) -> (slot: Int, isNew: Bool)? {
        if let range = range(of: attributesField, in: point) {
            let attributes = unsafe point.extracting(unchecked: range)
            return slot(
                node, node.points.number(of: attributes, at: tick, adding: hasRoom))
        }
        key.removeAll(keepingCapacity: true)
        appendFields((attributesField, attributesField), of: point, to: &key)
        return keyed(node)
    }

    /// The slot of the point that `key` identifies.
    private func keyed(_ node: MetricNode) -> (slot: Int, isNew: Bool)? {
        slot(node, node.points.number(of: key, at: tick, adding: hasRoom))
    }

    private var hasRoom: Bool { count < options.maximumSeries }

    private func slot(
        _ node: MetricNode, _ found: (number: Int, isNew: Bool)?
    ) -> (slot: Int, isNew: Bool)? {
        guard let found else { return nil }
        if found.isNew { node.slots.append(UInt32(takeSlot())) }
        return (Int(node.slots[found.number]), found.isNew)
    }

    private func takeSlot() -> Int {
        count += 1
        if let free = freeSlots.popLast() { return free }
        defer { slotCount += 1 }
        return slotCount
    }

    private func identity(
        _ node: MetricNode, _ context: PointContext,
        _ attributes: consuming Repeated<KeyValueView>, _ layout: SeriesIdentity.Layout
    ) -> SeriesIdentity {
        let template = node.template
        return SeriesIdentity(
            family: template.family,
            labels: options.labels(
                template, resource: context.resource.labels, scope: context.scope.labels,
                attributes: attributes),
            layout: layout, isDelta: template.isDelta, hasCreated: template.hasCreated,
            isFromPrometheus: template.isFromPrometheus)
    }

    // MARK: Forgetting

    /// Forgets what was not seen for `options.memory`, at most four times in that span.
    ///
    /// - Returns: the slots that are free now.
    @usableFromInline
    func forget(now: UInt64) -> [Int] {
        let now = UInt32(truncatingIfNeeded: now / 1_000_000_000)
        let memory = UInt32(clamping: max(1, options.memory.components.seconds))
        guard now > memory, now - lastSweep >= max(1, memory / 4) else { return [] }
        lastSweep = now
        let oldest = now - memory
        var freed: [Int] = []
        for (number, node) in resourceNodes.enumerated() {
            node.forget(before: oldest, &freed)
            if let slot = node.infoSlot, resources.seen(number) < oldest {
                freed.append(slot)
                node.infoSlot = nil
            }
        }
        let kept = resourceNodes.indices.filter {
            resourceNodes[$0].scopes.count > 0 || resources.seen($0) >= oldest
        }
        if kept.count < resourceNodes.count {
            resources.keep(kept)
            resourceNodes = kept.map { resourceNodes[$0] }
        }
        freeSlots += freed
        count -= freed.count
        return freed
    }
}

private func doubles(_ values: consuming NumericValues) -> [Double] {
    var all: [Double] = []
    while let value = values.nextDouble() { all.append(value) }
    return all
}

private func quantileValues(_ values: consuming Repeated<QuantileView>) -> [Double] {
    var all: [Double] = []
    while let value = values.next() { all.append(value.quantile) }
    return all
}
