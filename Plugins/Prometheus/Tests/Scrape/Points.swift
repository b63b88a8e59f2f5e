import WeirJSON
import WeirTelemetry
import WeirTestKit

/// One point of gauges and sums as a test reads it.
struct Point: Equatable, CustomStringConvertible {
    var name: String
    var job: String
    var instance: String
    var labels: [String: String]
    /// `nil`: a stale marker.
    var value: Double?
    var time: UInt64
    var start: UInt64

    var description: String {
        let labels = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
        let value = value.map { "\($0)" } ?? "stale"
        return "\(name){\(labels.joined(separator: ","))} \(value)"
    }
}

extension EmittedBatch {
    /// The points of all gauges and sums, in order.
    var points: [Point] {
        get throws {
            let text = try bytes.span.withText(signal)
            let json = try JSONValue(parsing: Array(text.utf8))
            var points: [Point] = []
            for resource in json["resourceMetrics"]?.arrayValue ?? [] {
                let identity = attributes(resource["resource"])
                for scope in resource["scopeMetrics"]?.arrayValue ?? [] {
                    for metric in scope["metrics"]?.arrayValue ?? [] {
                        let data = metric["gauge"] ?? metric["sum"]
                        for point in data?["dataPoints"]?.arrayValue ?? [] {
                            points.append(Point(metric, point, identity))
                        }
                    }
                }
            }
            return points
        }
    }
}

extension Span<UInt8> {
    fileprivate func withText(_ signal: Signal) throws -> String {
        unsafe String(decoding: try json(bytes, as: signal), as: UTF8.self)
    }
}

extension Point {
    fileprivate init(_ metric: JSONValue, _ point: JSONValue, _ identity: [String: String]) {
        name = metric["name"]?.stringValue ?? ""
        job = identity["service.name"] ?? ""
        instance = identity["service.instance.id"] ?? ""
        labels = attributes(point)
        time = UInt64(point["timeUnixNano"]?.stringValue ?? "") ?? 0
        start = UInt64(point["startTimeUnixNano"]?.stringValue ?? "") ?? 0
        switch point["asDouble"] {
        case .number(let number)?: value = number
        case .integer(let number)?: value = Double(number)
        default: value = nil
        }
        if point["flags"]?.integerValue == 1 { value = nil }
    }
}

private func attributes(_ json: JSONValue?) -> [String: String] {
    var result: [String: String] = [:]
    for pair in json?["attributes"]?.arrayValue ?? [] {
        result[pair["key"]?.stringValue ?? ""] = pair["value"]?["stringValue"]?.stringValue
    }
    return result
}
