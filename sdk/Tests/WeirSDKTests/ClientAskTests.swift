import Foundation
import Synchronization
import Testing
import WeirJSON
import WeirSDK
import WeirTestKit

/// Asks for `/x` in every collection.
private final class Asker: Exporter {
    private let host: WeirSDK.Host
    private let client = Mutex<Client?>(nil)

    init(settings: NoSettings, host: WeirSDK.Host) { self.host = host }

    func start(deadline: Deadline) throws(ComponentError) {
        let made = try host.httpClient?.open(
            HostSettings(.object([JSONMember("endpoint", .string("http://x"))])), .http)
        client.withLock { $0 = made }
    }

    func stop(deadline: Deadline) {
        client.withLock { client in
            client?.close()
            client = nil
        }
    }

    func collect(into metrics: inout Metrics, deadline: Deadline) throws(ComponentError) {
        guard let client = client.withLock({ $0 }) else { return }
        let answer = try client.ask(
            "POST", "/x", headers: [Header("a", "b")], .bytes([1, 2]), deadline: deadline)
        metrics.gauge("code", Int(answer.code))
        metrics.gauge("size", answer.body.count, ["location": .string(answer.header("location")!)])
    }
}

struct ClientAskTests {
    private let host = FakeHost()

    private func start() throws -> TestInstance {
        let plugin = Plugin(
            id: "test.ask", version: "1.0.0", components: [.exporter("ask", Asker.self)])
        let instance = try host.createRaw(plugin, .exporter, "ask", "{}")
        try instance.start()
        return instance
    }

    @Test(arguments: [200, 307, 503] as [UInt32])
    func answers(_ code: UInt32) throws {
        let instance = try start()
        host.client.answer { request in
            FakeReply(
                code: code, body: request.body + [3], headers: [Header("location", "/y")])
        }
        let found = try instance.collect()
        #expect(found.named("code").first?.value == .integer(Int64(code)))
        #expect(found.named("size").first?.value == .integer(3))
        #expect(found.named("size").first?.attributes == ["location": "/y"])
        #expect(host.client.sent[0].headers == [Header("a", "b")])
        try instance.end()
    }

    @Test func answersFromAnotherThread() throws {
        let instance = try start()
        let client = host.client
        Thread.detachNewThread {
            while client.sent.isEmpty { usleep(100) }
            client.reply(to: 0, FakeReply(code: 204, headers: [Header("location", "")]))
        }
        #expect(try instance.collect().named("code").first?.value == .integer(204))
        try instance.end()
    }

    @Test func failures() throws {
        let instance = try start()
        host.client.answer { _ in .failure(.retry("refused")) }
        #expect(throws: ComponentError.retry("refused")) { try instance.collect() }
        #expect(throws: ComponentError.self) {
            try instance.collect(deadline: Deadline(monotonicNanoseconds: 1))
        }
        #expect(host.client.sent.count == 1)
        try instance.end()
    }

    /// Without an answer it ends when the host asks for it, and when the deadline has passed.
    @Test(arguments: [true, false])
    func givesUp(_ isCancelled: Bool) throws {
        let instance = try start()
        let (host, client) = (host, host.client)
        Thread.detachNewThread {
            while client.sent.isEmpty { usleep(100) }
            if isCancelled { host.cancel() } else { host.advance(by: .seconds(2)) }
        }
        let deadline = Deadline(monotonicNanoseconds: host.monotonic + 1_000_000_000)
        let error = #expect(throws: ComponentError.self) {
            try instance.collect(deadline: deadline)
        }
        #expect(error?.kind == (isCancelled ? .cancelled : .timeout))
        #expect(client.cancelled == [0])
        try instance.end()
    }
}
