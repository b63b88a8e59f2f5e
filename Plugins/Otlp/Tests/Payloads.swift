import Testing
import WeirJSON
import WeirTelemetry

/// Requests as tests send them, written in OTLP JSON.
enum Payload {
    static func json(_ signal: Signal, items: Int, name: String = "item", id: String? = nil)
        -> String
    {
        let record = (0..<items).map { index in
            switch signal {
            case .traces:
                let bad = index == 0 ? id : nil
                return #"{"traceId":"\#(bad ?? "5b8efff798038103d269b633813fc60c")","#
                    + #""spanId":"eee19b7ec3c1b174","name":"\#(name)\#(index)"}"#
            case .metrics:
                return
                    #"{"name":"\#(name)\#(index)","gauge":{"dataPoints":[{"asInt":"\#(index)"}]}}"#
            case .logs: return #"{"body":{"stringValue":"\#(name)\#(index)"}}"#
            }
        }.joined(separator: ",")
        switch signal {
        case .traces: return #"{"resourceSpans":[{"scopeSpans":[{"spans":[\#(record)]}]}]}"#
        case .metrics: return #"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[\#(record)]}]}]}"#
        case .logs: return #"{"resourceLogs":[{"scopeLogs":[{"logRecords":[\#(record)]}]}]}"#
        }
    }

    static func proto(_ signal: Signal, items: Int) -> [UInt8] {
        do {
            return try protobuf(fromJSON: Array(json(signal, items: items).utf8), as: signal)
        } catch {
            Issue.record("the payload: \(error)")
            return []
        }
    }

    /// The name or text of the first item is not UTF-8.
    static func badText(_ signal: Signal, items: Int) -> [UInt8] {
        var bytes = proto(signal, items: items)
        let name = Array("item0".utf8)
        let start = (0...bytes.count - name.count).first {
            Array(bytes[$0..<$0 + name.count]) == name
        }
        guard let start else {
            Issue.record("the payload has no item0")
            return []
        }
        bytes[start] = 0xff
        return bytes
    }

    /// Two spans; the trace id of the first has two bytes.
    static let badID: [UInt8] = {
        func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
            [number << 3 | 2, UInt8(bytes.count)] + bytes
        }
        return field(1, field(2, field(2, field(1, [1, 2])) + field(2, field(5, [0x61]))))
    }()

    static func cut(_ signal: Signal) -> [UInt8] { Array(proto(signal, items: 2).dropLast(3)) }
}

extension String {
    var bytes: [UInt8] { Array(utf8) }
}
