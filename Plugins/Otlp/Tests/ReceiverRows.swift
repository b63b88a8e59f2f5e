import WeirSDK
import WeirTelemetry

/// One request and what is expected of its answer.
struct ReceiverRow: Sendable, CustomStringConvertible {
    var description: String
    var isGRPC = false
    var method = "POST"
    var path: String
    var contentType = ""
    var body: [UInt8]
    /// What the pipelines answer.
    var downstream: ComponentError?

    var code: UInt32
    var answerType = ""
    var retryAfter: Duration?
    var answerBody: [UInt8]?
    /// In the message, or in the body if it is no success.
    var mentions: [String] = []
    var emitted = 0
    var dropped = 0

    static func grpc(
        _ name: String, _ signal: Signal = .traces, path: String? = nil, _ body: [UInt8],
        downstream: ComponentError? = nil, _ code: GRPCCode, retryAfter: Duration? = nil,
        answer: [UInt8]? = nil, mentions: [String] = [], emitted: Int = 0, dropped: Int = 0
    ) -> ReceiverRow {
        ReceiverRow(
            description: "gRPC: \(name)", isGRPC: true, path: path ?? signal.grpcPath, body: body,
            downstream: downstream, code: code.rawValue, retryAfter: retryAfter,
            answerBody: answer, mentions: mentions, emitted: emitted, dropped: dropped)
    }

    static func http(
        _ name: String, _ signal: Signal = .traces, method: String = "POST", path: String? = nil,
        type: String, _ body: [UInt8], downstream: ComponentError? = nil, _ code: UInt32,
        answerType: String? = nil, retryAfter: Duration? = nil, answer: [UInt8]? = nil,
        mentions: [String] = [], emitted: Int = 0, dropped: Int = 0
    ) -> ReceiverRow {
        ReceiverRow(
            description: "HTTP: \(name)", method: method, path: path ?? signal.httpPath,
            contentType: type, body: body, downstream: downstream, code: code,
            answerType: answerType ?? type, retryAfter: retryAfter, answerBody: answer,
            mentions: mentions, emitted: emitted, dropped: dropped)
    }
}

private let proto = "application/x-protobuf"
private let json = "application/json"
private let plain = "text/plain; charset=utf-8"
private let full = ComponentError.retry(after: .seconds(7), "the sending queue is full")
private let busy = ComponentError.retry("later")
private let stopped = ComponentError.cancelled("the pipeline is stopping")
private let never = ComponentError.refused("the sink will not have it")
private let noPipeline = ComponentError.unsupported(
    "receiver/otlp is in no pipeline for traces: add it to one")

extension ReceiverRow {
    static let all: [ReceiverRow] = grpcRows + httpRows + jsonRows + routingRows

    static let grpcRows: [ReceiverRow] = [
        .grpc(
            "traces", .traces, Payload.proto(.traces, items: 3), .ok, answer: [],
            emitted: 3),
        .grpc(
            "metrics", .metrics, Payload.proto(.metrics, items: 2), .ok, answer: [],
            emitted: 2),
        .grpc("logs", .logs, Payload.proto(.logs, items: 1), .ok, answer: [], emitted: 1),
        .grpc("nothing", .traces, [], .ok, answer: []),
        .grpc("a resource without spans", .traces, [0x0a, 0x00], .ok, answer: []),
        .grpc(
            "cut off", .traces, Payload.cut(.traces), .invalidArgument,
            mentions: ["byte ", "resource_spans[0]", "ExportTraceServiceRequest"]),
        .grpc(
            "not protobuf", .traces, "hello".bytes, .invalidArgument,
            mentions: ["byte 2", "a group"]),
        .grpc(
            "text that is not UTF-8", .traces, Payload.badText(.traces, items: 3), .ok, emitted: 2,
            dropped: 1),
        .grpc(
            "an id of a wrong length", .traces, Payload.badID, .ok,
            emitted: 1, dropped: 1),
        .grpc(
            "only bad records", .logs, Payload.badText(.logs, items: 1), .ok, dropped: 1),
        .grpc(
            "queue full", .traces, Payload.proto(.traces, items: 1), downstream: full, .unavailable,
            retryAfter: .seconds(7), mentions: ["queue is full"]),
        .grpc(
            "bad records and queue full", .traces, Payload.badText(.traces, items: 2),
            downstream: full,
            .unavailable, retryAfter: .seconds(7)),
        .grpc(
            "busy", .traces, Payload.proto(.traces, items: 1), downstream: busy, .unavailable,
            retryAfter: .seconds(1)),
        .grpc(
            "stopping", .traces, Payload.proto(.traces, items: 1), downstream: stopped,
            .unavailable,
            retryAfter: .seconds(1), mentions: ["stopping"]),
        .grpc(
            "refused", .traces, Payload.proto(.traces, items: 1), downstream: never, .internal,
            mentions: ["will not have it"]),
        .grpc(
            "no pipeline", .traces, Payload.proto(.traces, items: 1), downstream: noPipeline,
            .unimplemented, mentions: ["no pipeline for traces"]),
        .grpc(
            "unknown service", path: "/opentelemetry.proto.collector.trace.v2.TraceService/Export",
            [], .unimplemented,
            mentions: ["trace.v2", Signal.traces.grpcPath.dropFirst().description]),
        .grpc(
            "unknown method", path: "/opentelemetry.proto.collector.logs.v1.LogsService/Import",
            [], .unimplemented, mentions: ["LogsService/Import", "LogsService/Export"]),
    ]

    static let httpRows: [ReceiverRow] = [
        .http("traces", type: proto, Payload.proto(.traces, items: 3), 200, answer: [], emitted: 3),
        .http(
            "metrics", .metrics, type: proto, Payload.proto(.metrics, items: 4), 200, answer: [],
            emitted: 4),
        .http("logs", .logs, type: proto, Payload.proto(.logs, items: 2), 200, emitted: 2),
        .http("nothing", type: proto, [], 200, answer: []),
        .http(
            "a content type with capitals and a parameter",
            type: "Application/X-Protobuf; charset=utf-8", Payload.proto(.traces, items: 1), 200,
            answerType: proto, emitted: 1),
        .http(
            "cut off", type: proto, Payload.cut(.traces), 400,
            mentions: ["byte ", "resource_spans[0]"]),
        .http(
            "metrics posted as traces", .traces, type: proto, Payload.proto(.metrics, items: 1),
            200, dropped: 1),
        .http(
            "text that is not UTF-8", .metrics, type: proto, Payload.badText(.metrics, items: 3),
            200, emitted: 2, dropped: 1),
        .http(
            "queue full", type: proto, Payload.proto(.traces, items: 1), downstream: full, 503,
            retryAfter: .seconds(7), mentions: ["queue is full"]),
        .http(
            "busy", type: proto, Payload.proto(.traces, items: 1), downstream: busy, 503,
            retryAfter: .seconds(1)),
        .http(
            "stopping", type: proto, Payload.proto(.traces, items: 1), downstream: stopped, 503,
            retryAfter: .seconds(1)),
        .http(
            "refused", type: proto, Payload.proto(.traces, items: 1), downstream: never, 500,
            mentions: ["will not have it"]),
        .http(
            "no pipeline", type: proto, Payload.proto(.traces, items: 1), downstream: noPipeline,
            404, mentions: ["no pipeline for traces"]),
    ]

    static let jsonRows: [ReceiverRow] = [
        .http(
            "JSON traces", type: json, Payload.json(.traces, items: 3).bytes, 200,
            answer: "{}".bytes, emitted: 3),
        .http(
            "JSON metrics", .metrics, type: json, Payload.json(.metrics, items: 3).bytes, 200,
            emitted: 3),
        .http(
            "JSON logs", .logs, type: json, Payload.json(.logs, items: 3).bytes, 200, emitted: 3),
        .http(
            "JSON with a charset", .logs, type: "application/json; charset=utf-8",
            Payload.json(.logs, items: 1).bytes, 200, answerType: json, emitted: 1),
        .http("JSON: {}", type: json, "{}".bytes, 200, answer: "{}".bytes),
        .http("JSON: nothing at all", type: json, [], 200, answer: "{}".bytes),
        .http("JSON: cut off", type: json, "{\"resourceSpans\":[{".bytes, 400, mentions: ["byte"]),
        .http(
            "JSON: a list for an object", type: json, #"{"resourceSpans":{}}"#.bytes, 400,
            mentions: ["resourceSpans"]),
        .http(
            "JSON: an id of a wrong length", type: json,
            Payload.json(.traces, items: 2, id: "5b8e").bytes, 400, mentions: ["traceId"]),
        .http(
            "JSON: queue full", type: json, Payload.json(.traces, items: 1).bytes,
            downstream: full, 503, retryAfter: .seconds(7), mentions: [#""code":14"#]),
        .http(
            "JSON: refused", type: json, Payload.json(.traces, items: 1).bytes, downstream: never,
            500, mentions: [#""code":13"#]),
    ]

    static let routingRows: [ReceiverRow] = [
        .http(
            "text/plain", type: "text/plain", "hello".bytes, 415, answerType: plain,
            mentions: ["text/plain", "application/x-protobuf", "application/json"]),
        .http("no content type", type: "", [1], 415, answerType: plain, mentions: ["missing"]),
        .http(
            "application/jsonp", type: "application/jsonp", [1], 415, answerType: plain,
            mentions: ["application/jsonp"]),
        .http("GET", method: "GET", type: "", [], 405, answerType: plain, mentions: ["POST"]),
        .http("PUT as JSON", method: "PUT", type: json, [], 405, mentions: ["PUT", #""code":12"#]),
        .http(
            "the root", path: "/", type: proto, [], 404,
            mentions: ["/v1/traces, /v1/metrics and /v1/logs", "append"]),
        .http(
            "singular", path: "/v1/trace", type: json, [], 404,
            mentions: ["did you mean /v1/traces?"]),
        .http(
            "a slash at the end", path: "/v1/logs/", type: json, [], 404,
            mentions: ["did you mean /v1/logs?"]),
        .http(
            "no version", path: "/metrics", type: json, [], 404,
            mentions: ["did you mean /v1/metrics?"]),
        .http(
            "a path twice", path: "/v1/traces/v1/traces", type: json, [], 404,
            mentions: ["path already"]),
        .http(
            "a gRPC method", path: Signal.logs.grpcPath, type: json, [], 404,
            mentions: ["gRPC port"]),
        .http(
            "something else", path: "/api/v2/spans", type: "", [], 404, answerType: plain,
            mentions: ["/api/v2/spans", "/v1/traces"]),
    ]
}
