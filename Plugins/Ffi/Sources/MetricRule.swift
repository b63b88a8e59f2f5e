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
    let isCounter: Bool
    let help: String
    let unit: String
    let scale: Double
    let value: ResultPath
    let count: ResultPath?
    let labels: [(name: String, label: Label)]
    let indexNames: [String]

    /// - Parameter known: the names of the results: `return` and the arguments that are filled.
    init(
        _ settings: MetricSettings, prefix: String, function: String, known: [String]
    ) throws(ComponentError) {
        name = prefix + settings.name
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
            let attributes = self.attributes(result, element)
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

    private func attributes(_ result: JSONValue, _ element: Int) -> Attributes {
        var attributes = Attributes()
        for (name, label) in labels {
            let text =
                switch label {
                case .text(let text): text
                case .path(let path): path.find(in: result, element: element)?.labelText ?? ""
                case .index:
                    element < indexNames.count ? indexNames[element] : String(element)
                }
            attributes.append(name, .string(text))
        }
        return attributes
    }
}
