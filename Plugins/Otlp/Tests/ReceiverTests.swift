import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import OtlpPlugin

struct ReceiverTests {
    private static let both =
        #"{"wait_for_room": 0, "protocols": {"grpc": null, "http": null}}"#

    @Test(arguments: ReceiverRow.all)
    func answers(row: ReceiverRow) throws {
        let host = FakeHost()
        let receiver = try host.start(plugin, .receiver, "otlp", settings: Self.both)
        if let error = row.downstream { host.answerEmit { _ in error } }
        let exchange = host.server.send(
            row.method, row.path, body: row.body, contentType: row.contentType, grpc: row.isGRPC)
        let response = try #require(exchange?.response)

        #expect(response.code == row.code)
        #expect(response.contentType == row.answerType)
        #expect(response.retryAfter == row.retryAfter)
        if let body = row.answerBody { #expect(response.body == body) }
        let text = row.isGRPC ? response.message : String(decoding: response.body, as: UTF8.self)
        for part in row.mentions { #expect(text.contains(part)) }
        if response.code == 405 { #expect(response.headers == [Header("allow", "POST")]) }

        #expect(host.emitted.reduce(0) { $0 + $1.items } == row.emitted)
        let drops = row.dropped == 0 ? [] : [row.dropped]
        #expect(host.dropped.map(\.items) == drops)
        if row.dropped > 0 { try expectPartialSuccess(response, row) }
        try receiver.end()
    }

    private func expectPartialSuccess(_ response: Response, _ row: ReceiverRow) throws {
        let signal = try #require(
            Signal.allCases.first { $0.httpPath == row.path || $0.grpcPath == row.path })
        let encoding: Encoding = response.contentType == "application/json" ? .json : .proto
        let partial = unsafe PartialSuccess(
            response: response.body.span.bytes, encoding, signal)
        #expect(partial.rejected == row.dropped)
        #expect(partial.message.contains("\(signal.resourceFieldName)[0]"))
    }

    @Test func theRequestsOwnBytesAreEmitted() throws {
        let host = FakeHost()
        let receiver = try host.start(plugin, .receiver, "otlp", settings: Self.both)
        let bytes = Payload.proto(.traces, items: 5)
        _ = host.server.send("POST", Signal.traces.grpcPath, body: bytes, grpc: true)
        #expect(host.emitted.map(\.parts) == [[bytes]])
        try receiver.end()
    }

    @Test func anAnswerThatIsNoSuccessIsAStatusInTheEncodingOfTheRequest() throws {
        let host = FakeHost()
        let receiver = try host.start(plugin, .receiver, "otlp", settings: Self.both)
        for (type, encoding) in [
            ("application/x-protobuf", Encoding.proto), ("application/json", .json),
        ] {
            let exchange = host.server.send("POST", "/v1/traces", body: [0xff], contentType: type)
            let response = try #require(exchange?.response)
            #expect(response.contentType == type)
            let text = unsafe StatusMessage.message(in: response.body.span.bytes, encoding)
            #expect(text?.contains("byte 0") == true)
        }
        try receiver.end()
    }

    @Test func listensWithDefaultsAndWithWhatIsSet() throws {
        let host = FakeHost()
        let receiver = try host.start(plugin, .receiver, "otlp", settings: Self.both)
        #expect(host.server.listening.count == 2)
        #expect(host.server.listening[0].contains("127.0.0.1:4317"))
        #expect(host.server.listening[1].contains("127.0.0.1:4318"))
        try receiver.end()
    }

    @Test func ownPathsReplaceTheUsualOnes() throws {
        let host = FakeHost()
        let receiver = try host.start(
            plugin, .receiver, "otlp",
            settings:
                #"{"protocols": {"http": {"endpoint": "0.0.0.0:80", "traces_url_path": "in"}}}"#
        )
        #expect(host.server.listening.count == 1)
        let body = Payload.json(.traces, items: 1).bytes
        let own = host.server.send("POST", "/in", body: body, contentType: "application/json")
        #expect(own?.response?.code == 200)
        let usual = host.server.send(
            "POST", "/v1/traces", body: body, contentType: "application/json")
        #expect(usual?.response?.code == 404)
        try receiver.end()
    }

    @Test(arguments: [#"{"protocols": {}}"#, #"{"protocols": null}"#, "{}"])
    func needsAProtocol(settings: String) throws {
        let host = FakeHost()
        #expect {
            try host.createRaw(plugin, .receiver, "otlp", settings)
        } throws: { "\($0)".contains("neither protocol") }
    }

    @Test func memoryPressureWhileRewritingIsRetried() throws {
        let host = FakeHost()
        let receiver = try host.start(plugin, .receiver, "otlp", settings: Self.both)
        let body = Payload.badText(.traces, items: 3)
        host.limitMemory(to: body.count + 10)
        let exchange = host.server.send("POST", Signal.traces.grpcPath, body: body, grpc: true)
        #expect(exchange?.response?.code == GRPCCode.unavailable.rawValue)
        #expect(exchange?.response?.retryAfter == .seconds(1))
        #expect(host.dropped.isEmpty)
        try receiver.end()
    }

    @Test func complaintsAreLoggedOnceInTenSeconds() throws {
        let host = FakeHost()
        let receiver = try host.start(plugin, .receiver, "otlp", settings: Self.both)
        func warnings() -> [String] {
            host.logs.filter { $0.level == .warning }.map(\.message)
        }
        for _ in 0..<5 {
            _ = host.server.send(
                "POST", Signal.logs.grpcPath, body: Payload.badText(.logs, items: 2), grpc: true,
                peer: "203.0.113.7:52114")
        }
        #expect(warnings().count == 1)
        #expect(warnings()[0].contains("203.0.113.7:52114"))
        host.advance(by: .seconds(11))
        _ = host.server.send("POST", Signal.logs.grpcPath, body: [0xff], grpc: true)
        #expect(warnings().count == 2)
        #expect(warnings()[1].contains("and 4 like it"))
        try receiver.end()
    }

    @Test func manyClientsAtOnce() async throws {
        let host = FakeHost()
        let receiver = try host.start(plugin, .receiver, "otlp", settings: Self.both)
        let body = Payload.proto(.traces, items: 3)
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<50 {
                        let exchange = host.server.send(
                            "POST", Signal.traces.grpcPath, body: body, grpc: true)
                        #expect(exchange?.response?.code == 0)
                    }
                }
            }
        }
        #expect(host.emitted.count == 400)
        try receiver.end()
    }
}
