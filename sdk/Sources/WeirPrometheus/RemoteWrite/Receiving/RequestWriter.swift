import WeirTelemetry

/// Writes the OTLP request.
struct RequestWriter: ~Escapable {
    let source: RawSpan
    let list: SeriesList
    var points: PointWriter
    var bytes: [UInt8]
    var items = 0
    private let limit: Int

    /// - Parameter bytes: what was written before.
    @_lifetime(copy source)
    init(_ source: RawSpan, _ list: SeriesList, after bytes: consuming [UInt8]) {
        self.source = source
        self.list = list
        self.bytes = bytes
        limit = SeriesList.outputLimit(source)
        points = PointWriter(source, list)
    }

    @_lifetime(self: copy self)
    mutating func write(_ metrics: ReceivedMetrics) throws(RemoteWriteError) {
        for resource in metrics.resources {
            let before = items
            let start = bytes.count
            bytes.appendTag(1, .bytes)
            let group = bytes.beginLength()
            writeResource(resource)
            bytes.appendTag(2, .bytes)
            let scope = bytes.beginLength()
            bytes.appendMessage(1) { $0.appendField(1, Provenance.scopeName) }
            for index in resource.metrics {
                write(metrics.metrics[index])
                guard !isFull else {
                    throw RemoteWriteError(
                        offset: source.byteCount, place: "timeseries",
                        found: "series that make more than \(limit) bytes of OTLP",
                        expected: "fewer of them in a request")
                }
            }
            bytes.endLength(scope)
            bytes.endLength(group)
            if items == before { bytes.removeSubrange(start...) }
        }
    }

    private mutating func writeResource(_ resource: ReceivedMetrics.Resource) {
        bytes.appendTag(1, .bytes)
        let start = bytes.beginLength()
        for (key, value) in [
            ("service.name", resource.job), ("service.instance.id", resource.instance),
        ] where !value.isEmpty {
            bytes.appendTag(1, .bytes)
            let attribute = bytes.beginLength()
            bytes.appendField(1, key)
            bytes.appendTag(2, .bytes)
            let content = bytes.beginLength()
            bytes.appendBytes(1, source.extracting(value))
            bytes.endLength(content)
            bytes.endLength(attribute)
        }
        bytes.endLength(start)
    }

    /// Whether there is more than may be; then all that is written is given up.
    var isFull: Bool { bytes.count > limit }

    @_lifetime(self: copy self)
    private mutating func write(_ metric: ReceivedMetrics.Metric) {
        switch metric.kind {
        case .single: writeSingle(metric)
        case .classic: writeClassic(metric)
        case .native, .custom: writeNative(metric)
        }
    }

    // MARK: Pieces

    /// What a metric's data are, as the number of their field.
    enum Data: Int { case gauge = 5, sum = 7, histogram = 9, exponential = 10, summary = 11 }

    /// Begins a metric; the result ends it.
    mutating func begin(
        _ name: Range<Int>, _ meaning: SeriesMeaning, _ data: Data, hasCreated: Bool
    ) -> (metric: Int, data: Int, start: Int, items: Int) {
        let start = bytes.count
        bytes.appendTag(2, .bytes)
        let metric = bytes.beginLength()
        bytes.appendBytes(1, source.extracting(name))
        if !meaning.help.isEmpty { bytes.appendField(2, meaning.help) }
        if !meaning.unit.isEmpty { bytes.appendField(3, meaning.unit) }
        appendMetadata(Provenance.typeKey, meaning.type.rawValue)
        if hasCreated { appendMetadata(Provenance.createdKey, "true") }
        bytes.appendTag(data.rawValue, .bytes)
        let content = bytes.beginLength()
        if data == .sum || data == .histogram || data == .exponential {
            bytes.appendField(2, varint: 2)
        }
        if data == .sum, meaning.type == .counter { bytes.appendField(3, varint: 1) }
        return (metric, content, start, items)
    }

    mutating func end(_ open: (metric: Int, data: Int, start: Int, items: Int)) {
        guard items > open.items else {
            bytes.removeSubrange(open.start...)
            return
        }
        bytes.endLength(open.data)
        bytes.endLength(open.metric)
    }

    private mutating func appendMetadata(_ key: String, _ value: String) {
        bytes.appendMessage(12) { attribute in
            attribute.appendField(1, key)
            attribute.appendMessage(2) { $0.appendField(1, value) }
        }
    }
}
