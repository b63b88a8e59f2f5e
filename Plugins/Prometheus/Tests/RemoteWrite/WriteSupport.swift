import WeirPrometheus
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import PrometheusPlugin

/// One sample as a server sees it.
struct SeenSample: Hashable, CustomStringConvertible {
    var series: String
    var value: UInt64
    var timestamp: Int64

    init(_ series: String, _ value: Double, _ timestamp: Int64) {
        self.series = series
        self.value = value.bitPattern
        self.timestamp = timestamp
    }

    var description: String { "\(series) \(Double(bitPattern: value))@\(timestamp)" }
}

/// What a server reads in a request.
struct SeenRequest {
    var message: RemoteWriteMessage
    var samples: [SeenSample] = []
    var starts: [Int64] = []
    var histograms: [NativeHistogram] = []
    /// Series, labels, value.
    var exemplars: [String] = []
    /// `type name help` of 1.0, `type help` of 2.0.
    var metadata: Set<String> = []

    init(_ request: SentRequest) throws {
        let type = request.headers.first { $0.name == "content-type" }?.value ?? ""
        message = RemoteWriteMessage(contentType: type)!
        let body = request.body
        var reader = try unsafe RemoteWriteReader(body.span.bytes, as: message)
        func text(_ range: Range<Int>) -> String {
            String(decoding: body[range], as: UTF8.self)
        }
        func labels(_ list: [WireLabel]) -> Labels {
            Labels(list.map { Label(text($0.name), text($0.value)) })
        }
        for entry in reader.metadata {
            metadata.insert("\(entry.type!) \(text(entry.family)) \(text(entry.help))")
        }
        var series = WireSeries()
        while try reader.next(into: &series) {
            if let fault = series.fault { throw fault }
            let name = "\(labels(series.labels))"
            for sample in series.samples {
                samples.append(SeenSample(name, sample.value, sample.timestamp))
                starts.append(sample.start)
            }
            histograms += series.histograms
            for exemplar in series.exemplars {
                exemplars.append("\(name) \(labels(exemplar.labels)) \(exemplar.value)")
            }
            if let entry = series.metadata {
                metadata.insert("\(entry.type!) \(text(entry.help))")
            }
        }
    }

    /// How many samples and histograms there are.
    var count: Int { samples.count + histograms.count }
}

extension FakeReply {
    static let taken = FakeReply(code: 204)

    /// What a server of 2.0 says.
    static func written(_ samples: Int, code: UInt32 = 204, body: String = "") -> FakeReply {
        FakeReply(
            code: code, body: Array(body.utf8), contentType: "text/plain",
            headers: [Header(WrittenHeader.samples, "\(samples)")])
    }

    static func error(_ code: UInt32, after: Duration? = nil) -> FakeReply {
        FakeReply(
            code: code, body: Array("server text".utf8), contentType: "text/plain",
            retryAfter: after)
    }
}

/// Gauges from Prometheus, one point each: name, value, milliseconds.
func gauges(_ samples: [(String, Double, Int64)], job: String = "j") -> [UInt8] {
    var builder = RequestBuilder(.metrics)
    builder.resource([Attribute("service.name", .string(job))])
    builder.scope(name: Provenance.scopeName)
    for (name, value, time) in samples {
        builder.metric(
            name, description: "What \(name) is.", .gauge,
            metadata: [Attribute(Provenance.typeKey, "gauge")])
        builder.point(.double(value), at: UInt64(time) * 1_000_000)
    }
    return builder.finish()
}

/// A series of ``gauges(_:job:)`` as a server sees it.
func seen(_ name: String, _ value: Double, _ time: Int64, job: String = "j") -> SeenSample {
    SeenSample("{__name__=\"\(name)\", job=\"\(job)\"}", value, time)
}

/// Settings of the sink in which nothing waits and backoffs are told in advance.
func sinkSettings(_ more: String = "", queue: String = "") -> String {
    """
    {"endpoint": "http://prometheus:9090/api/v1/write",
     "queue_config": {"batch_send_deadline": "0s", "min_backoff": "1s", "max_backoff": "4s"
       \(queue.isEmpty ? "" : ", " + queue)}
     \(more.isEmpty ? "" : ", " + more)}
    """
}

let v2 = #""protobuf_message": "io.prometheus.write.v2.Request""#
