import Synchronization
import Testing
import WeirJSON
import WeirSDK
import WeirTelemetry
import WeirTestKit

/// The wrappers over the extensions, against the fake host.
struct ServiceTests {
    /// Serves HTTP: the body becomes a batch without a copy; `/lost` is never answered.
    final class EchoReceiver: Receiver {
        private let host: Host
        private let listener = Mutex<Listener?>(nil)
        init(settings: NoSettings, host: Host) { self.host = host }

        func start(deadline: Deadline) throws(ComponentError) {
            let host = self.host
            let settings = HostSettings(.object([]))
            let made = try host.httpServer?.listen(
                settings, .http,
                admit: { path, length throws(ComponentError) in
                    if length ?? 0 > 1000 { throw .retry(after: .seconds(2), "too large") }
                },
                handler: { exchange, request in
                    if request.path == "/lost" { return }
                    guard let body = request.body else {
                        return exchange.respond(Response(code: 400))
                    }
                    do throws(ComponentError) {
                        let batch = try host.makeBatch(.logs, items: nil, parts: [Part(body)])
                        try host.emit(batch)
                        let tenant = exchange.header("x-tenant") ?? "none"
                        exchange.respond(
                            Response(
                                code: 200, body: Array(tenant.utf8),
                                headers: [Header("x-items", "\(batch.items)")]))
                    } catch {
                        exchange.respond(Response(code: 503, retryAfter: .seconds(3)))
                    }
                })
            listener.withLock { $0 = made }
        }

        func stop(deadline: Deadline) {
            listener.withLock { $0.take() }?.close(deadline: deadline)
        }
    }

    private func receiver(_ host: FakeHost) throws -> TestInstance {
        let plugin = Plugin(
            id: "test.http", version: "1.0.0", components: [.receiver("echo", EchoReceiver.self)])
        let instance = try host.createRaw(plugin, .receiver, "echo", "{}")
        try instance.start()
        return instance
    }

    @Test func serverTakesBodiesWithoutCopying() throws {
        let host = FakeHost()
        let receiver = try receiver(host)
        let bytes = OTLPSample.request(.logs, records: 4)
        let exchange = host.server.send(
            "POST", "/", body: bytes, headers: [Header("x-tenant", "a")])
        #expect(exchange?.response?.code == 200)
        #expect(exchange?.response?.body == Array("a".utf8))
        #expect(exchange?.response?.headers == [Header("x-items", "4")])
        #expect(host.emitted.map(\.bytes) == [bytes])
        try receiver.end()
        #expect(host.heldBytes == 0)
    }

    @Test func serverRefusesWhatItShould() throws {
        let host = FakeHost()
        let receiver = try receiver(host)
        let large = [UInt8](repeating: 0, count: 2000)
        #expect(
            host.server.send("POST", "/", body: large)?.refusal
                == .retry(after: .seconds(2), "too large"))
        #expect(host.server.send("POST", "/", body: [])?.response?.code == 400)
        #expect(host.server.send("POST", "/", body: [0xFF])?.response?.code == 503)
        host.answerEmit { _ in .retry("busy") }
        let bytes = OTLPSample.request(.logs, records: 1)
        #expect(host.server.send("POST", "/", body: bytes)?.response?.retryAfter == .seconds(3))
        try receiver.end()
    }

    @Test func aLostExchangeIsAnsweredAndBlamed() throws {
        let host = FakeHost()
        let receiver = try receiver(host)
        let exchange = host.server.send("POST", "/lost", body: [1])
        #expect(exchange?.response?.code == 500)
        #expect(host.logs.contains { $0.level == .pluginMisbehaving })
        try receiver.stop()
    }

    /// Reads every kind of metric, and a digest, a secret and something stored.
    final class ProbeExporter: Exporter {
        private let host: Host
        init(settings: NoSettings, host: Host) { self.host = host }

        func collect(into metrics: inout Metrics, deadline: Deadline) throws(ComponentError) {
            metrics.resource(["host.name": "h", "n": 3, "ok": true, "share": 0.5])
            metrics.started(unixNanoseconds: 17)
            metrics.gauge("g", unit: "s", help: "A gauge.", 1.5, ["k": "v", "empty": ""])
            metrics.counter("c", 7)
            metrics.upDownCounter("u", -7)
            metrics.histogram("h", bounds: [1, 2], buckets: [1, 0, 2], count: 3, sum: 9)
            let digest = host.hash?.sha256("abc") ?? []
            metrics.gauge("sha", Int(digest.first ?? 0))
            let secret = try host.secrets?.withSecret("s", deadline: deadline) { $0.count }
            metrics.gauge("secret", secret ?? -1)
            try host.storage?.set("k", [1, 2, 3])
            metrics.gauge("stored", try host.storage?.get("k")?.count ?? -1)
            host.status?.report(.ok, "read")
            host.status?.attemptFailed(0, .metrics, reason: "timeout")
            host.status?.attemptFailed(2, .logs, reason: "retry")
        }
    }

    @Test func exporterReadsEverything() throws {
        let host = FakeHost()
        host.secrets = ["s": [1, 2, 3, 4]]
        let plugin = Plugin(
            id: "test.probe", version: "1.0.0", components: [.exporter("probe", ProbeExporter.self)]
        )
        let exporter = try host.createRaw(plugin, .exporter, "probe", "{}")
        try exporter.start()
        let metrics = try exporter.collect()
        #expect(metrics.resource == ["host.name": "h", "n": 3, "ok": true, "share": 0.5])
        #expect(metrics.points.map(\.name) == ["g", "c", "u", "h", "sha", "secret", "stored"])
        #expect(metrics.named("g").first?.attributes == ["k": "v", "empty": ""])
        #expect(metrics.named("g").first?.value == .number(1.5))
        #expect(metrics.named("c").first?.kind == .counter)
        #expect(metrics.named("c").first?.started == 17)
        #expect(
            metrics.named("h").first?.value
                == .histogram(bounds: [1, 2], buckets: [1, 0, 2], count: 3, sum: 9))
        #expect(metrics.named("sha").first?.value == .integer(0xba), "FIPS 180-4: ba7816bf...")
        #expect(metrics.named("secret").first?.value == .integer(4))
        #expect(metrics.named("stored").first?.value == .integer(3))
        #expect(host.health.map(\.1) == ["read"])
        let failed = FailedItems(items: 2, signal: .logs, reason: "retry")
        #expect(host.failedAttempts == [failed])
        host.secrets = [:]
        #expect(throws: ComponentError.self) { _ = try exporter.collect() }
        try exporter.end()
    }

    /// Posts each batch and settles with what comes back.
    final class PostSink: Sink {
        struct Settings: Decodable { var http: HostSettings }
        private let settings: Settings
        private let host: Host
        private let client = Mutex<Client?>(nil)

        init(settings: Settings, host: Host) {
            self.settings = settings
            self.host = host
        }

        func start(deadline: Deadline) throws(ComponentError) {
            let made = try host.httpClient?.open(settings.http, .http)
            client.withLock { $0 = made }
        }

        func deliver(_ batch: Batch, _ delivery: Delivery) -> Outcome {
            let client = self.client.withLock { $0 }
            do throws(ComponentError) {
                try client?.send(
                    "POST", "/v1", headers: [Header("a", "b")], .batch(batch),
                    deadline: delivery.deadline
                ) { reply in
                    if let failure = reply.failure { return delivery.settle(Outcome(failure)) }
                    let isDelivered = reply.code == 200 && reply.body.byteCount == 2
                    delivery.settle(
                        isDelivered
                            ? .delivered(message: reply.header("x") ?? "")
                            : .retry(after: reply.retryAfter, message: "\(reply.code)"))
                }
            } catch {
                return Outcome(error)
            }
            return .pending
        }

        func stop(deadline: Deadline) { client.withLock { $0.take() }?.close() }
    }

    @Test func clientSendsPartsAndSettles() throws {
        let host = FakeHost()
        let plugin = Plugin(
            id: "test.post", version: "1.0.0", components: [.sink("post", PostSink.self)])
        let sink = try host.createRaw(plugin, .sink, "post", #"{"http": {"endpoint": "e:1"}}"#)
        try sink.start()
        let parts = (1...3).map { OTLPSample.request(.traces, records: $0) }
        let batch = try host.batch(.traces, parts: parts)
        let first = sink.deliver(batch, deadline: Deadline(monotonicNanoseconds: 99))
        #expect(first.outcome == nil)
        host.client.reply(
            to: 0, FakeReply(code: 200, body: [1, 2], headers: [Header("x", "thanks")]))
        #expect(first.outcome == .delivered(message: "thanks"))
        let sent = host.client.sent[0]
        #expect(sent.body == Array(parts.joined()))
        #expect(sent.settings == #"{"endpoint":"e:1"}"#)
        #expect(sent.headers == [Header("a", "b")])
        #expect(sent.deadline.monotonicNanoseconds == 99)
        host.client.answer { _ in FakeReply(code: 503, retryAfter: .seconds(4)) }
        #expect(sink.deliver(batch).outcome == .retry(after: .seconds(4), message: "503"))
        host.client.answer { _ in nil }
        let open = sink.deliver(batch)
        try sink.end()
        #expect(open.outcome == .retry(message: "the client was closed"))
    }
}
