import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import OtlpPlugin

/// Answers that wait for what becomes of the batch.
struct AcknowledgementTests {
    private static let settings =
        #"{"wait_for_room": 1000000000, "protocols": {"grpc": null, "http": null}}"#
    private static let full = ComponentError.retry(after: .seconds(7), "the queue is full")

    struct Row: Sendable, CustomStringConvertible {
        var description: String
        var outcome: ComponentError?
        var grpc: UInt32
        var http: UInt32
        var retryAfter: Duration?
    }

    static let rows = [
        Row(description: "delivered", grpc: 0, http: 200),
        Row(
            description: "not now", outcome: .retry(after: .seconds(3), "given up"), grpc: 14,
            http: 503, retryAfter: .seconds(3)),
        Row(description: "never", outcome: .refused("bad"), grpc: 13, http: 500),
        Row(
            description: "unknown", outcome: .cancelled("the process ends"), grpc: 14, http: 503,
            retryAfter: .seconds(1)),
    ]

    @Test(arguments: rows)
    func answersWithWhatBecameOfIt(row: Row) throws {
        let host = FakeHost(acknowledges: true)
        let receiver = try host.start(plugin, .receiver, "otlp", settings: Self.settings)
        let body = Payload.proto(.traces, items: 3)
        let grpc = try #require(
            host.server.send("POST", Signal.traces.grpcPath, body: body, grpc: true))
        let http = try #require(
            host.server.send(
                "POST", "/v1/traces", body: body, contentType: "application/x-protobuf"))
        #expect(host.emitted.map(\.items) == [3, 3] && host.watchedCount == 2)
        #expect(grpc.response == nil && http.response == nil)
        host.acknowledge(row.outcome)
        host.acknowledge(row.outcome)
        #expect(grpc.response?.code == row.grpc && http.response?.code == row.http)
        #expect(grpc.response?.retryAfter == row.retryAfter)
        #expect(http.response?.retryAfter == row.retryAfter)
        try receiver.end()
    }

    @Test func whatIsNotTakenIsAnsweredAtOnce() throws {
        let host = FakeHost(acknowledges: true)
        let receiver = try host.start(plugin, .receiver, "otlp", settings: Self.settings)
        host.answerEmit { _ in ComponentError.refused("never") }
        let exchange = host.server.send(
            "POST", Signal.traces.grpcPath, body: Payload.proto(.traces, items: 1), grpc: true)
        #expect(exchange?.response?.code == 13)
        // What becomes of parts of it is of no interest any more.
        host.acknowledge(nil)
        #expect(exchange?.response?.code == 13)
        try receiver.end()
    }

    @Test func waitsForRoomFirst() throws {
        let host = FakeHost(acknowledges: true)
        let receiver = try host.start(plugin, .receiver, "otlp", settings: Self.settings)
        host.answerEmit { _ in Self.full }
        let exchange = try #require(
            host.server.send(
                "POST", Signal.traces.grpcPath, body: Payload.proto(.traces, items: 1), grpc: true))
        host.answerEmit { _ in nil }
        host.advance(by: .milliseconds(10))
        #expect(host.emitted.count == 1 && host.watchedCount == 1)
        #expect(exchange.response == nil)
        host.acknowledge(nil)
        #expect(exchange.response?.code == 0)
        try receiver.end()
    }

    @Test func whatWasLeftOutIsToldWithTheAnswer() throws {
        let host = FakeHost(acknowledges: true)
        let receiver = try host.start(plugin, .receiver, "otlp", settings: Self.settings)
        let exchange = try #require(
            host.server.send(
                "POST", Signal.traces.grpcPath, body: Payload.badText(.traces, items: 3),
                grpc: true))
        #expect(exchange.response == nil)
        host.acknowledge(nil)
        let response = try #require(exchange.response)
        let partial = unsafe PartialSuccess(response: response.body.span.bytes, .proto, .traces)
        #expect(response.code == 0 && partial.rejected == 1)
        try receiver.end()
    }

    @Test func nothingIsAwaitedWithoutIt() throws {
        let host = FakeHost()
        let receiver = try host.start(plugin, .receiver, "otlp", settings: Self.settings)
        let exchange = host.server.send(
            "POST", Signal.traces.grpcPath, body: Payload.proto(.traces, items: 1), grpc: true)
        #expect(exchange?.response?.code == 0 && host.watchedCount == 0)
        try receiver.end()
    }
}
