import Synchronization
import Testing
import WeirJSON
import WeirSDK
import WeirTestKit

/// The client as a scraper and a watcher use it, and pages on the host's endpoint.
struct ReadingClientTests {
    final class Watcher: Receiver {
        struct Seen: Sendable {
            var chunks: [String] = []
            var ends: [String] = []
        }
        private let host: Host
        private let client = Mutex<Client?>(nil)
        private let route = Mutex<AdminRoute?>(nil)
        let seen = Mutex(Seen())
        private let calls = Mutex<[ClientCall]>([])

        init(settings: NoSettings, host: Host) { self.host = host }

        func start(deadline: Deadline) throws(ComponentError) {
            let made = try host.httpClient?.open(HostSettings(.object([])), .http)
            client.withLock { $0 = made }
            let call = try made?.send(
                "GET", "/watch", .none, maxBody: 10, acceptsCompressed: true,
                onChunk: { bytes in
                    let text = unsafe bytes.withUnsafeBytes {
                        unsafe String(decoding: $0, as: UTF8.self)
                    }
                    self.seen.withLock { $0.chunks.append(text) }
                },
                { reply in
                    let end =
                        reply.failure.map { "\($0)\(reply.isTooLarge ? " (too large)" : "")" }
                        ?? "\(reply.code) \(reply.body.byteCount) of \(reply.wireBytes)"
                    self.seen.withLock { $0.ends.append(end) }
                })
            if let call { calls.withLock { $0.append(call) } }
            let served = try host.admin?.serve("/watch") { exchange, request in
                if request.query == "cancel" {
                    for call in self.calls.withLock({ $0 }) { call.cancel() }
                }
                let seen = self.seen.withLock { $0 }
                let text = "\(request.method) \(seen.chunks) \(seen.ends)"
                exchange.respond(
                    Response(code: 200, contentType: "text/plain", body: Array(text.utf8)))
            }
            route.withLock { $0 = served }
        }

        func stop(deadline: Deadline) {
            route.withLock { $0.take() }?.end()
            client.withLock { $0.take() }?.close()
        }
    }

    private func watcher(_ host: FakeHost) throws -> TestInstance {
        let plugin = Plugin(
            id: "test.watch", version: "1.0.0", components: [.receiver("watch", Watcher.self)])
        let instance = try host.createRaw(plugin, .receiver, "watch", "{}")
        try instance.start()
        return instance
    }

    private func page(_ host: FakeHost, _ query: String = "") -> String? {
        host.admin.send("GET", "/watch", query: query)?.response.map {
            String(decoding: $0.body, as: UTF8.self)
        }
    }

    @Test func chunksThenTheReply() throws {
        let host = FakeHost()
        let watcher = try watcher(host)
        let sent = host.client.sent[0]
        #expect(sent.maxBody == 10)
        #expect(sent.acceptsCompressed && sent.isStreamed)
        host.client.chunk(to: 0, Array("one".utf8))
        host.client.chunk(to: 0, Array("two".utf8))
        #expect(page(host) == #"GET ["one", "two"] []"#)
        host.client.reply(to: 0, FakeReply(code: 200, body: Array("3".utf8)))
        #expect(page(host) == #"GET ["one", "two", "3"] ["200 0 of 1"]"#)
        #expect(!host.client.isWaiting(0))
        try watcher.end()
    }

    @Test func whatIsNotGoodOrTooLarge() throws {
        let host = FakeHost()
        let first = try watcher(host)
        host.client.reply(to: 0, FakeReply(code: 410, body: [1, 2]))
        #expect(page(host) == #"GET [] ["410 2 of 2"]"#)
        try first.end()
        let other = FakeHost()
        let second = try watcher(other)
        other.client.reply(to: 0, FakeReply(code: 500, body: [UInt8](repeating: 1, count: 11)))
        #expect(page(other)?.contains("larger than 10 bytes (too large)") == true)
        try second.end()
    }

    @Test func cancelling() throws {
        let host = FakeHost()
        let watcher = try watcher(host)
        #expect(page(host, "cancel")?.contains("the request was cancelled") == true)
        #expect(host.client.cancelled == [0])
        _ = page(host, "cancel")
        #expect(host.client.cancelled == [0], "a second time changes nothing")
        try watcher.end()
    }

    @Test func pathsAreServedUntilTheEnd() throws {
        let host = FakeHost()
        let watcher = try watcher(host)
        #expect(host.admin.paths == ["/watch"])
        #expect(host.admin.send("POST", "/watch")?.response?.code == 200)
        #expect(host.admin.send("GET", "/other") == nil)
        // A second one on the same path.
        #expect(throws: ComponentError.self) { _ = try self.watcher(host) }
        try watcher.stop()
        #expect(host.admin.paths.isEmpty)
        #expect(page(host) == nil)
    }

    @Test func withoutAnEndpoint() throws {
        let host = FakeHost()
        host.withhold("weir.admin/1")
        let watcher = try watcher(host)
        #expect(host.admin.paths.isEmpty)
        try watcher.end()
    }
}
