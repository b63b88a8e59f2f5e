import Synchronization
import Testing
import WeirJSON
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import OtlpPlugin

/// Stands for the servers behind a `loadbalancing` sink, each with a way of its own.
final class ScriptedBackends: Sendable {
    enum Way: Sendable {
        case takes
        case answers(FakeReply)
        /// Says nothing until the test does.
        case stalls
    }

    struct Taken: Sendable {
        var backend: String
        var body: [UInt8]
    }

    private struct State {
        var ways: [String: Way] = [:]
        var taken: [Taken] = []
        var asked: [String] = []
    }

    private let state = Mutex(State())
    let host: FakeHost

    init(_ host: FakeHost) {
        self.host = host
        host.client.answer { [self] request in answer(request) }
    }

    /// How a backend behaves from now on.
    subscript(_ name: String) -> Way {
        get { state.withLock { $0.ways[name] ?? .takes } }
        set { state.withLock { $0.ways[name] = newValue } }
    }

    /// What was taken with success, in order.
    var taken: [Taken] { state.withLock { $0.taken } }
    /// The backends in the order in which they were sent to.
    var asked: [String] { state.withLock { $0.asked } }

    func forgetAsked() { state.withLock { $0.asked = [] } }

    /// The units of all that was taken, each as a text that names it.
    var items: [String] { taken.flatMap { Units.names($0.body) }.sorted() }

    /// By trace, the backends that have spans of it.
    var traces: [String: Set<String>] {
        var result: [String: Set<String>] = [:]
        for one in taken {
            for name in Units.names(one.body) {
                result[String(name.prefix { $0 != "-" }), default: []].insert(one.backend)
            }
        }
        return result
    }

    private func answer(_ request: SentRequest) -> FakeReply? {
        let name = request.backend
        return state.withLock { state in
            state.asked.append(name)
            switch state.ways[name] ?? .takes {
            case .takes:
                state.taken.append(Taken(backend: name, body: request.body))
                return FakeReply(code: request.protocols == .grpc ? 0 : 200)
            case .answers(let reply):
                if reply.code == 0, reply.failure == nil {
                    state.taken.append(Taken(backend: name, body: request.body))
                }
                return reply
            case .stalls: return nil
            }
        }
    }
}

extension SentRequest {
    /// The endpoint that its client was opened with.
    var backend: String {
        (try? JSONValue(parsing: Array(settings.utf8)))?["endpoint"]?.stringValue ?? ""
    }
}

/// Requests whose spans are called `TRACE-SPAN`.
enum Units {
    static func spans(traces: Range<Int>, each: Int = 2, service: String = "shop") throws -> [UInt8]
    {
        // The spans of a trace do not lie side by side.
        let spans = (0..<each).flatMap { span in
            traces.map { trace in
                #"{"traceId":"\#(id(trace))","spanId":"00000000000000a1","name":"\#(trace)-\#(span)"}"#
            }
        }
        let json =
            #"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","#
            + #""value":{"stringValue":"\#(service)"}}]},"scopeSpans":[{"spans":["#
            + spans.joined(separator: ",") + "]}]}]}"
        return try protobuf(fromJSON: Array(json.utf8), as: .traces)
    }

    static func names(_ bytes: [UInt8]) -> [String] {
        var names: [String] = []
        unsafe bytes.withUnsafeBytes { raw in
            var resources = unsafe RequestView(RawSpan(_unsafeBytes: raw)).resources
            while let resource = resources.next() {
                var scopes = resource.scopes
                while let scope = scopes.next() {
                    var spans = scope.spans
                    while let span = spans.next() { names.append(span.name.string) }
                }
            }
        }
        return names
    }

    private static func id(_ trace: Int) -> String {
        let digits = String(trace + 1, radix: 16)
        return String(repeating: "0", count: 24 - digits.count) + digits + "5eed5eed"
    }
}

extension FakeHost {
    /// A sink over these backends.
    func balancing(_ names: [String], _ more: String = "") throws -> TestInstance {
        let list = names.map { #""\#($0)""# }.joined(separator: ", ")
        return try start(
            plugin, .sink, "loadbalancing",
            settings: """
                {"protocol": {"otlp": {}}, "resolver": {"static": {"hostnames": [\(list)]}}\(more)}
                """)
    }
}
