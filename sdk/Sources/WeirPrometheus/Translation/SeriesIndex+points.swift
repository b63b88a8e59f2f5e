import WeirTelemetry

extension SeriesIndex {
    /// Where the points stand that are walked.
    struct PointContext {
        let resource: ResourceNode
        let scope: ScopeNode
        let metric: MetricNode
    }

    /// Visits the points of a metric: of each occurrence of its data, because two mean their merge.
    func walkPoints(
        _ metric: RawSpan, _ header: MetricHeader, _ context: PointContext, _ walk: inout Walk,
        _ make: Make, _ visitNumber: VisitNumber, _ visit: Visit
    ) {
        var data = WireReader(metric, at: header.dataStart, end: metric.byteCount)
        while let tag = data.nextTag() {
            guard tag.number == header.dataField, tag.wireType == .bytes else {
                guard data.skip(tag) else { return }
                continue
            }
            guard let content = data.readBytes() else { return }
            var points = WireReader(content)
            while let tag = points.nextTag() {
                guard tag.number == 1, tag.wireType == .bytes else {
                    guard points.skip(tag) else { break }
                    continue
                }
                guard let point = points.readBytes() else { break }
                switch header.dataField {
                case 5, 7: take(number: point, context, &walk, make, visitNumber)
                case 9: take(histogram: point, context, &walk, make, visit)
                case 10: take(exponentialHistogram: point, context, &walk, make, visit)
                default: take(summary: point, context, &walk, make, visit)
                }
            }
        }
    }

    @inline(__always)
    private func take(
        number bytes: RawSpan, _ context: PointContext, _ walk: inout Walk, _ make: Make,
        _ visit: VisitNumber
    ) {
        let metric = context.metric
        var attributes = AttributePlace()
        let point = NumberDataPointView(bytes, attributes: &attributes) { bytes, offset in
            metric.points.expectedCount(in: bytes, at: offset)
        }
        if case .none = point.value, point.flags & 1 == 0 {
            walk.left.withoutValue += 1
            return
        }
        walk.latest = max(walk.latest, point.timeUnixNano)
        if attributes.areExpected {
            return visit(point, Int(metric.slots[metric.points.takeExpected(at: tick)]))
        }
        guard let (slot, isNew) = find(metric, bytes, attributes.range, field: 7) else {
            walk.left.overLimit += 1
            return
        }
        if isNew { make(slot, identity(context, point.attributes, .single)) }
        visit(point, slot)
    }

    private func take(
        histogram bytes: RawSpan, _ context: PointContext, _ walk: inout Walk, _ make: Make,
        _ visit: Visit
    ) {
        let point = HistogramDataPointView(bytes)
        walk.latest = max(walk.latest, point.timeUnixNano)
        key.removeAll(keepingCapacity: true)
        appendFields((9, 7), of: bytes, to: &key)
        var counts = point.bucketCounts
        let hasBuckets = counts.next() != nil
        key.append(hasBuckets ? 1 : 0)
        guard let (slot, isNew) = findKey(context.metric) else {
            walk.left.overLimit += 1
            return
        }
        if isNew {
            let layout = SeriesIdentity.Layout.histogram(
                bounds: doubles(point.explicitBounds), hasBuckets: hasBuckets)
            make(slot, identity(context, point.attributes, layout))
        }
        visit(.histogram(point), slot)
    }

    private func take(
        exponentialHistogram bytes: RawSpan, _ context: PointContext, _ walk: inout Walk,
        _ make: Make, _ visit: Visit
    ) {
        let point = ExponentialHistogramDataPointView(bytes)
        walk.latest = max(walk.latest, point.timeUnixNano)
        let attributes = range(of: 1, in: bytes)
        guard let (slot, isNew) = find(context.metric, bytes, attributes, field: 1) else {
            walk.left.overLimit += 1
            return
        }
        if isNew { make(slot, identity(context, point.attributes, .native)) }
        visit(.exponentialHistogram(point), slot)
    }

    private func take(
        summary bytes: RawSpan, _ context: PointContext, _ walk: inout Walk, _ make: Make,
        _ visit: Visit
    ) {
        let point = SummaryDataPointView(bytes)
        walk.latest = max(walk.latest, point.timeUnixNano)
        key.removeAll(keepingCapacity: true)
        appendFields((7, 7), of: bytes, to: &key)
        var quantiles = point.quantiles
        while let quantile = quantiles.next() { key.appendFixed64(quantile.quantile.bitPattern) }
        guard let (slot, isNew) = findKey(context.metric) else {
            walk.left.overLimit += 1
            return
        }
        if isNew {
            let layout = SeriesIdentity.Layout.summary(quantiles: values(point.quantiles))
            make(slot, identity(context, point.attributes, layout))
        }
        visit(.summary(point), slot)
    }

    // MARK: Slots

    /// The slot of a point that its attributes identify, which stand in `range` or apart.
    private func find(
        _ node: MetricNode, _ point: RawSpan, _ range: Range<Int>?, field: Int
    ) -> (slot: Int, isNew: Bool)? {
        guard let range else {
            key.removeAll(keepingCapacity: true)
            appendFields((field, field), of: point, to: &key)
            return findKey(node)
        }
        let attributes = unsafe point.extracting(unchecked: range)
        return slot(node, node.points.number(of: attributes, at: tick, adding: hasRoom))
    }

    /// The slot of the point that `key` identifies.
    private func findKey(_ node: MetricNode) -> (slot: Int, isNew: Bool)? {
        slot(node, node.points.number(of: key, at: tick, adding: hasRoom))
    }

    @inline(__always)
    private func slot(
        _ node: MetricNode, _ found: (number: Int, isNew: Bool)?
    ) -> (slot: Int, isNew: Bool)? {
        guard let found else { return nil }
        if found.isNew { node.slots.append(UInt32(takeSlot())) }
        return (Int(node.slots[found.number]), found.isNew)
    }

    private func identity(
        _ context: PointContext, _ attributes: consuming Repeated<KeyValueView>,
        _ layout: SeriesIdentity.Layout
    ) -> SeriesIdentity {
        let template = context.metric.template
        return SeriesIdentity(
            family: template.family,
            labels: options.labels(
                template, resource: context.resource.labels, scope: context.scope.labels,
                attributes: attributes),
            layout: layout, isDelta: template.isDelta, hasCreated: template.hasCreated,
            isFromPrometheus: template.isFromPrometheus)
    }
}

private func doubles(_ values: consuming NumericValues) -> [Double] {
    var all: [Double] = []
    while let value = values.nextDouble() { all.append(value) }
    return all
}

private func values(_ quantiles: consuming Repeated<QuantileView>) -> [Double] {
    var all: [Double] = []
    while let value = quantiles.next() { all.append(value.quantile) }
    return all
}
