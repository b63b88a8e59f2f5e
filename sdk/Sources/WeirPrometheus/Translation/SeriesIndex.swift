public import WeirTelemetry

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
    var key: [UInt8] = []
    /// When the walk began that is under way, in seconds.
    private(set) var tick: UInt32 = 0

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

    /// Takes what a new slot stands for.
    @usableFromInline typealias Make = (Int, SeriesIdentity) -> Void
    @usableFromInline typealias VisitNumber = (borrowing NumberDataPointView, Int) -> Void
    @usableFromInline typealias Visit = (borrowing PointData, Int) -> Void

    /// What comes of a walk.
    struct Walk {
        var left = LeftOut()
        /// The time of the last point of a resource.
        var latest: UInt64 = 0
    }

    /// Visits every point that has a place in Prometheus, with its slot.
    @usableFromInline
    func walk(
        _ request: RawSpan, now: UInt64, make: Make, number visitNumber: VisitNumber, _ visit: Visit
    ) -> LeftOut {
        tick = UInt32(truncatingIfNeeded: now / 1_000_000_000)
        var walk = Walk()
        var groups = RequestView(request).resources
        while let group = groups.next() {
            guard let node = resourceNode(group) else {
                walk.left.overLimit += group.pointCount
                continue
            }
            walk.latest = 0
            var scopes = group.scopes
            while let scope = scopes.next() {
                guard let scopeNode = scopeNode(scope, in: node) else {
                    walk.left.overLimit += scope.pointCount
                    continue
                }
                var metrics = scope.metrics
                while let bytes = metrics.nextBytes() {
                    self.walk(
                        metric: bytes, in: scopeNode, of: node, &walk, make, visitNumber, visit)
                }
            }
            if let info = node.labels.info, walk.latest > 0 {
                let slot = node.infoSlot ?? takeSlot()
                if node.infoSlot == nil { make(slot, info) }
                node.infoSlot = slot
                visit(.info(timeUnixNano: walk.latest), slot)
            }
        }
        return walk.left
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
        metric bytes: RawSpan, in scope: ScopeNode, of resource: ResourceNode, _ walk: inout Walk,
        _ make: Make, _ visitNumber: VisitNumber, _ visit: Visit
    ) {
        key.removeAll(keepingCapacity: true)
        let header = MetricHeader(bytes, appendingTo: &key)
        guard
            let (number, isNew) = scope.metrics.number(of: key, at: tick, adding: hasRoom)
        else {
            walk.left.overLimit += MetricView(bytes).pointCount
            return
        }
        if isNew { scope.metricNodes.append(MetricNode(MetricView(bytes), header, options)) }
        let node = scope.metricNodes[number]
        guard let reason = node.reason else {
            let context = PointContext(resource: resource, scope: scope, metric: node)
            return walkPoints(bytes, header, context, &walk, make, visitNumber, visit)
        }
        let points = MetricView(bytes).pointCount
        switch reason {
        case .delta: walk.left.delta += points
        case .temporality: walk.left.temporality += points
        case .unnamed: walk.left.unnamed += points
        }
    }

    var hasRoom: Bool { count < options.maximumSeries }

    func takeSlot() -> Int {
        count += 1
        if let free = freeSlots.popLast() { return free }
        defer { slotCount += 1 }
        return slotCount
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
