/// Builds an OTLP request from scratch, from the outside in: resource, scope, then records.
///
///     var builder = RequestBuilder(.metrics)
///     builder.resource([Attribute("service.name", "shop")])
///     builder.scope(name: "postgres", version: "1.0")
///     builder.metric("pg_up", unit: "1", description: "Whether the server answers.", .gauge)
///     builder.point(.int(1), at: now)
///     let request = builder.finish()
///
/// Each call closes what it has to close; what is missing on the way (a scope, a resource) is made
/// empty. All varints are minimal. A call that does not fit the signal or the kind of the metric
/// traps, because it is a mistake in the code, not in the data.
public struct RequestBuilder: Sendable {
    public let signal: Signal
    /// Spans, data points or log records so far.
    public private(set) var items = 0
    var bytes: [UInt8] = []
    /// Where the content of each message that is still open begins: the resource group, the scope
    /// group, the metric, its data.
    private var open: [Int] = []
    private var kind: MetricKind?

    public init(_ signal: Signal) {
        self.signal = signal
    }

    /// Begins a resource; what follows belongs to it until the next.
    public mutating func resource(
        _ attributes: [Attribute], schemaURL: String = "", droppedAttributesCount: UInt32 = 0
    ) {
        close(to: 0)
        begin(1)
        bytes.appendMessage(1) { resource in
            resource.appendAttributes(1, attributes)
            resource.appendNonZero(2, varint: UInt64(droppedAttributesCount))
        }
        bytes.appendNonEmpty(3, schemaURL)
    }

    /// Begins an instrumentation scope; what follows belongs to it until the next.
    public mutating func scope(
        name: String, version: String = "", attributes: [Attribute] = [], schemaURL: String = ""
    ) {
        if open.isEmpty { resource([]) }
        close(to: 1)
        begin(2)
        bytes.appendMessage(1) { scope in
            scope.appendNonEmpty(1, name)
            scope.appendNonEmpty(2, version)
            scope.appendAttributes(3, attributes)
        }
        bytes.appendNonEmpty(3, schemaURL)
    }

    /// What kind of data points a metric has.
    public enum MetricKind: Sendable, Hashable {
        case gauge
        case sum(AggregationTemporality, isMonotonic: Bool)
        case histogram(AggregationTemporality)
        case exponentialHistogram(AggregationTemporality)
        case summary
    }

    /// Begins a metric; the points that follow belong to it until the next.
    public mutating func metric(
        _ name: String, unit: String = "", description: String = "", _ kind: MetricKind,
        metadata: [Attribute] = []
    ) {
        precondition(signal == .metrics, "a metric in a request of \(signal.name)")
        beginRecord()
        begin(2)
        bytes.appendNonEmpty(1, name)
        bytes.appendNonEmpty(2, description)
        bytes.appendNonEmpty(3, unit)
        bytes.appendAttributes(12, metadata)
        self.kind = kind
        switch kind {
        case .gauge: begin(5)
        case .sum(let temporality, let isMonotonic):
            begin(7)
            bytes.appendNonZero(2, varint: UInt64(temporality.rawValue))
            bytes.appendNonZero(3, varint: isMonotonic ? 1 : 0)
        case .histogram(let temporality):
            begin(9)
            bytes.appendNonZero(2, varint: UInt64(temporality.rawValue))
        case .exponentialHistogram(let temporality):
            begin(10)
            bytes.appendNonZero(2, varint: UInt64(temporality.rawValue))
        case .summary: begin(11)
        }
    }

    /// Closes everything and gives the request; the builder is empty again.
    public mutating func finish() -> [UInt8] {
        close(to: 0)
        defer {
            bytes = []
            items = 0
        }
        return bytes
    }

    // MARK: Pieces

    /// Makes sure that a scope is open and nothing in it.
    mutating func beginRecord() {
        if open.count < 2 { scope(name: "") }
        close(to: 2)
    }

    mutating func beginPoint(_ fits: (MetricKind) -> Bool) {
        guard open.count == 4, let kind, fits(kind) else {
            preconditionFailure("a point that does not fit the metric, or has none")
        }
        items += 1
    }

    mutating func countItem() { items += 1 }

    private mutating func begin(_ number: Int) {
        bytes.appendTag(number, .bytes)
        open.append(bytes.beginLength())
    }

    private mutating func close(to depth: Int) {
        while open.count > depth { bytes.endLength(open.removeLast()) }
        if depth < 4 { kind = nil }
    }
}

// Fields that are left out when they say nothing.
extension [UInt8] {
    mutating func appendNonEmpty(_ number: Int, _ text: String) {
        if !text.isEmpty { appendField(number, text) }
    }

    mutating func appendNonEmpty(_ number: Int, _ bytes: [UInt8]) {
        if !bytes.isEmpty { appendField(number, bytes) }
    }

    mutating func appendNonZero(_ number: Int, varint value: UInt64) {
        if value != 0 { appendField(number, varint: value) }
    }

    mutating func appendNonZero(_ number: Int, fixed64 value: UInt64) {
        if value != 0 { appendField(number, fixed64: value) }
    }

    mutating func appendNonZero(_ number: Int, fixed32 value: UInt32) {
        if value != 0 { appendField(number, fixed32: value) }
    }

    mutating func appendAttributes(_ number: Int, _ attributes: [Attribute]) {
        for attribute in attributes { appendMessage(number) { attribute.append(to: &$0) } }
    }

    /// Packed values of 8 bytes.
    mutating func appendPacked(_ number: Int, fixed64 values: some Sequence<UInt64>) {
        appendMessage(number) { list in
            for value in values { list.appendFixed64(value) }
        }
    }
}
