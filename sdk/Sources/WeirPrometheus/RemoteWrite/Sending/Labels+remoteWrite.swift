public import WeirTelemetry

/// An exemplar to be sent.
public struct SentExemplar: Sendable, Hashable {
    public var labels: Labels
    public var value: Double
    /// Milliseconds since 1970.
    public var timestamp: Int64

    public init(labels: Labels, value: Double, timestamp: Int64) {
        self.labels = labels
        self.value = value
        self.timestamp = timestamp
    }
}

extension SentExemplar {
    /// What Prometheus takes of an exemplar's labels, in characters.
    static let labelLimit = 128

    /// From OTLP; `nil` without a value. An exemplar without a time has that of its point. Where
    /// the labels are longer than Prometheus takes, those of the trace come first.
    public init?(_ view: borrowing ExemplarView, pointTimeUnixNano: UInt64) {
        guard let value = view.value.double else { return nil }
        var labels = Labels()
        var length = 0
        func add(_ name: String, _ text: String) {
            let more = name.unicodeScalars.count + text.unicodeScalars.count
            guard length + more <= Self.labelLimit, !name.isEmpty, !text.isEmpty,
                labels[name].isEmpty
            else { return }
            length += more
            labels[name] = text
        }
        if view.traceID.byteCount > 0 { add("trace_id", view.traceID.hex) }
        if view.spanID.byteCount > 0 { add("span_id", view.spanID.hex) }
        var attributes = view.filteredAttributes
        while let attribute = attributes.next() {
            switch AttributeValue(attribute.value) {
            case .string(let text): add(attribute.key.string, text)
            case .bool(let flag): add(attribute.key.string, "\(flag)")
            case .int(let number): add(attribute.key.string, "\(number)")
            case .double(let number): add(attribute.key.string, "\(number)")
            case .bytes, .array, .keyValueList, .empty: break
            }
        }
        let time = view.timeUnixNano == 0 ? pointTimeUnixNano : view.timeUnixNano
        self.init(labels: labels, value: value, timestamp: Int64(time / 1_000_000))
    }
}

extension SentExemplar {
    /// The labels with their names as a reader wants them, each name once. Escaping makes names
    /// longer; where they are too long then, those of the trace alone, which never are.
    func labels(_ escaping: NameEscaping) -> [Label] {
        var names: Set<String> = []
        let all = labels.all.compactMap { label in
            let name = escaping.escaped(label.name, isLabel: true)
            return names.insert(name).inserted ? Label(name, label.value) : nil
        }
        let length = all.reduce(0) {
            $0 + $1.name.unicodeScalars.count + $1.value.unicodeScalars.count
        }
        guard length > Self.labelLimit else { return all }
        let own = Set(["trace_id", "span_id"].map { escaping.escaped($0, isLabel: true) })
        return all.filter { own.contains($0.name) }
    }
}

extension [UInt8] {
    mutating func appendLabel(_ label: Label) {
        appendMessage(1) { message in
            message.appendField(1, label.name)
            message.appendField(2, label.value)
        }
    }
}
