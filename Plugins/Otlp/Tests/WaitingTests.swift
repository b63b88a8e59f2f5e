import Synchronization
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import OtlpPlugin

/// Requests for which there is no room at once.
struct WaitingTests {
    private static let settings =
        #"{"wait_for_room": 1000000000, "protocols": {"grpc": null, "http": null}}"#
    private static let full = ComponentError.retry(after: .seconds(7), "the queue is full")

    private func send(
        _ host: FakeHost, items: Int, _ signal: Signal = .traces
    ) -> FakeExchange? {
        host.server.send(
            "POST", signal.grpcPath, body: Payload.proto(signal, items: items), grpc: true)
    }

    @Test func waitsForRoomAndKeepsTheOrder() throws {
        let host = FakeHost()
        let receiver = try host.start(plugin, .receiver, "otlp", settings: Self.settings)
        host.answerEmit { _ in Self.full }
        let first = try #require(send(host, items: 1))
        let second = try #require(send(host, items: 2))
        host.advance(by: .milliseconds(100))
        #expect(first.response == nil && second.response == nil)
        host.answerEmit { _ in nil }
        let third = try #require(send(host, items: 3))
        #expect(third.response == nil, "nobody overtakes those who wait")
        host.advance(by: .milliseconds(10))
        for exchange in [first, second, third] { #expect(exchange.response?.code == 0) }
        #expect(host.emitted.map(\.items) == [1, 2, 3])
        #expect(send(host, items: 4)?.response?.code == 0)
        try receiver.end()
    }

    /// A pipeline that is full holds up those of other signals neither at the door nor in the room.
    @Test func signalsDoNotWaitForEachOther() throws {
        let host = FakeHost()
        let receiver = try host.start(plugin, .receiver, "otlp", settings: Self.settings)
        host.answerEmit { $0.signal == .traces ? Self.full : nil }
        let traces = try #require(send(host, items: 1))
        #expect(send(host, items: 2, .logs)?.response?.code == 0)
        host.answerEmit { $0.signal == .metrics ? nil : Self.full }
        let logs = try #require(send(host, items: 3, .logs))
        host.answerEmit { $0.signal == .logs ? nil : Self.full }
        host.advance(by: .milliseconds(10))
        #expect(traces.response == nil && logs.response?.code == 0)
        host.answerEmit { _ in nil }
        host.advance(by: .milliseconds(10))
        #expect(traces.response?.code == 0 && host.emitted.map(\.items) == [2, 3, 1])
        try receiver.end()
    }

    @Test func tellsThoseWhoWaitedTooLongToComeBack() throws {
        let host = FakeHost()
        let receiver = try host.start(plugin, .receiver, "otlp", settings: Self.settings)
        host.answerEmit { _ in Self.full }
        let exchange = try #require(send(host, items: 1))
        host.advance(by: .milliseconds(999))
        #expect(exchange.response == nil)
        host.advance(by: .milliseconds(10))
        let response = try #require(exchange.response)
        #expect(response.code == 14 && response.retryAfter == .seconds(7))
        #expect(response.message.contains("the queue is full"))
        #expect(host.emitted.isEmpty)
        try receiver.end()
    }

    /// A sink that is to block makes senders wait longer than the receiver would.
    @Test func waitsForAsLongAsWhatFollowsWants() throws {
        let host = FakeHost()
        host.patience = .seconds(30)
        let receiver = try host.start(plugin, .receiver, "otlp", settings: Self.settings)
        host.answerEmit { _ in Self.full }
        let exchange = try #require(send(host, items: 1))
        host.advance(by: .seconds(29))
        #expect(exchange.response == nil)
        host.advance(by: .seconds(2))
        #expect(exchange.response?.code == 14)
        try receiver.end()
    }

    @Test func whatWillNeverBeTakenIsAnsweredAtOnce() throws {
        let host = FakeHost()
        let receiver = try host.start(plugin, .receiver, "otlp", settings: Self.settings)
        host.answerEmit { _ in ComponentError.refused("never") }
        #expect(send(host, items: 1)?.response?.code == 13)
        host.answerEmit { _ in Self.full }
        let waiting = try #require(send(host, items: 1))
        host.answerEmit { _ in ComponentError.refused("never") }
        host.advance(by: .milliseconds(10))
        #expect(waiting.response?.code == 13)
        try receiver.end()
    }

    @Test func stoppingTurnsAwayWhoWaits() throws {
        let host = FakeHost()
        let receiver = try host.start(plugin, .receiver, "otlp", settings: Self.settings)
        host.answerEmit { _ in Self.full }
        let waiting = try #require(send(host, items: 1))
        try receiver.stop()
        #expect(waiting.response?.code == 14)
        #expect((waiting.response?.retryAfter ?? .zero) > .zero)
        #expect(host.emitted.isEmpty)
        try receiver.end()
    }

    /// What was left out of a request is told once the rest has found room.
    @Test func aRequestWithInvalidRecordsWaitsToo() throws {
        let host = FakeHost()
        let receiver = try host.start(plugin, .receiver, "otlp", settings: Self.settings)
        host.answerEmit { _ in Self.full }
        let exchange = try #require(
            host.server.send(
                "POST", Signal.traces.grpcPath, body: Payload.badText(.traces, items: 3),
                grpc: true))
        #expect(exchange.response == nil && host.dropped.isEmpty)
        host.answerEmit { _ in nil }
        host.advance(by: .milliseconds(10))
        #expect(exchange.response?.code == 0 && exchange.response?.body.isEmpty == false)
        #expect(host.dropped.map(\.reason) == ["invalid"])
        try receiver.end()
    }

    /// A host that knows nothing of waiting: the client is told to come back.
    @Test func withoutARoomNobodyWaits() throws {
        let host = FakeHost()
        host.withhold("weir.room/1")
        let receiver = try host.start(plugin, .receiver, "otlp", settings: Self.settings)
        host.answerEmit { _ in Self.full }
        #expect(send(host, items: 1)?.response?.code == 14)
        host.answerEmit { _ in nil }
        #expect(send(host, items: 1)?.response?.code == 0)
        try receiver.end()
    }
}
