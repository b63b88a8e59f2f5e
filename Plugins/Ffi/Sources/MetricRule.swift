import WeirJSON
import WeirSDK

/// How a metric is made of what a call gave.
struct MetricRule: Sendable {
    enum Label: Sendable {
        case text(String)
        case path(ResultPath)
        case index
    }

    let name: String
    /// As they are written.
    let labelTexts: [String: String]
    let isCounter: Bool
    let help: String
    let unit: String
    let scale: Double
    let value: ResultPath
    let count: ResultPath?
    let labels: [(name: String, label: Label)]
    let indexNames: [String]

    /// Whether what it gives depends on the call only by `[*]`, and not by labels from the result.
    var hasFixedLabels: Bool {
        !labels.contains { if case .path = $0.label { true } else { false } }
    }

    /// - Parameter results: the names and types of the results: `return` and the arguments that are
    ///   filled.
    init(
        _ settings: MetricSettings, prefix: String, function: String,
        results: [(name: String, type: String)], fields: StructFields
    ) throws(ComponentError) {
        let known = results.map(\.name)
        name = prefix + settings.name
        labelTexts = settings.labels ?? [:]
        guard isPrometheusName(name, allowsColon: true) else {
            throw .invalid(
                "\(function) has a metric '\(name)'; expected letters, digits, '_' and ':', beginning "
                    + "with no digit, as Prometheus has them")
        }
        for label in labelTexts.keys.sorted()
        where !isPrometheusName(label, allowsColon: false) || label.hasPrefix("__") {
            throw .invalid(
                "\(function), metric \(settings.name), has a label '\(label)'; expected letters, "
                    + "digits and '_', beginning with no digit and not with __")
        }
        isCounter = settings.type == "counter"
        help = settings.help
        unit = settings.unit
        scale = settings.scale
        indexNames = settings.indexNames ?? []
        func path(_ text: String, _ key: String) throws(ComponentError) -> ResultPath {
            guard let path = ResultPath(text), known.contains(path.root) else {
                throw .invalid(
                    "\(function), metric \(settings.name), \(key): '\(text)' is no place in the result; "
                        + "expected one that begins with \(known.joined(separator: " or ")), as in "
                        + "\(known.last!)[0] or \(known.last!).field")
            }
            let type = results.first { $0.name == path.root }?.type ?? ""
            if let fault = fields.fault(path, type: type) {
                throw .invalid("\(function), metric \(settings.name), \(key): \(fault)")
            }
            return path
        }
        value = try path(settings.value, "value")
        if let text = settings.count { count = try path(text, "count") } else { count = nil }
        var labels: [(name: String, label: Label)] = []
        for (key, text) in (settings.labels ?? [:]).sorted(by: { $0.key < $1.key }) {
            if text == "@index" {
                labels.append((key, .index))
            } else if text.hasPrefix("@") {
                labels.append((key, .path(try path(String(text.dropFirst()), "labels.\(key)"))))
            } else {
                labels.append((key, .text(text)))
            }
        }
        self.labels = labels
    }

    /// Writes its points; the error names what is not there, or is no number.
    func write(_ result: JSONValue, to metrics: inout Metrics) throws(ComponentError) {
        var elements = value.count(in: result)
        if let count, let limit = count.find(in: result)?.number {
            // Any number of the library's, -1 in a size_t among them.
            elements = limit > 0 ? Int(min(Double(elements), limit)) : 0
        }
        for element in 0..<elements {
            guard let found = value.find(in: result, element: element) else {
                throw .refused("\(name): there is no \(value.text) in \(result.excerpt)")
            }
            guard let number = found.number else {
                throw .refused("\(name): \(value.text) is \(found.excerpt), expected a number")
            }
            let attributes = try self.attributes(result, element)
            if case .integer(let whole) = found, scale == 1 {
                point(whole, attributes, to: &metrics)
            } else {
                point(number * scale, attributes, to: &metrics)
            }
        }
    }

    private func point<V: MetricNumber>(
        _ value: V, _ attributes: Attributes, to metrics: inout Metrics
    ) {
        if isCounter {
            metrics.counter(name, unit: unit, help: help, value, attributes)
        } else {
            metrics.gauge(name, unit: unit, help: help, value, attributes)
        }
    }

    private func attributes(
        _ result: JSONValue, _ element: Int
    ) throws(ComponentError) -> Attributes {
        var attributes = Attributes()
        for (name, label) in labels {
            let text: String
            switch label {
            case .text(let fixed): text = fixed
            case .path(let path):
                guard let found = path.find(in: result, element: element) else {
                    throw .refused(
                        "\(self.name), label \(name): there is no \(path.text) in \(result.excerpt)"
                    )
                }
                text = found.labelText
            case .index:
                text = element < indexNames.count ? indexNames[element] : String(element)
            }
            attributes.append(name, .string(text))
        }
        return attributes
    }
}

private func isPrometheusName(_ name: String, allowsColon: Bool) -> Bool {
    guard let first = name.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        case UInt8(ascii: ":"): allowsColon
        default: false
        }
    }
}
