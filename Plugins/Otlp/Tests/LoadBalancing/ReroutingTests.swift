import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import OtlpPlugin

struct ReroutingTests {
    static let names = ["a:1", "b:1", "c:1"]

    /// Ways to fail that may pass.
    static let failures: [FakeReply] = [
        .failure(.retry("connection refused")), .failure(.retry("the connection was cut")),
        .failure(.timeout("5 s")), FakeReply(code: GRPCStatus.unavailable.rawValue),
        FakeReply(code: GRPCStatus.resourceExhausted.rawValue, retryAfter: .seconds(3)),
    ]

    @Test func eachTraceGoesToOneBackendInOneRequestEach() throws {
        let host = FakeHost()
        let backends = ScriptedBackends(host)
        let sink = try host.balancing(Self.names)
        for round in 0..<3 {
            let body = try Units.spans(traces: round * 50..<round * 50 + 100)
            #expect(sink.deliver(try host.batch(.traces, body)).outcome == .delivered())
            #expect(host.client.sent.count == 3 * (round + 1))
        }
        #expect(backends.items.count == 3 * 200)
        #expect(backends.traces.count == 200)
        #expect(backends.traces.values.allSatisfy { $0.count == 1 })
        #expect(Set(backends.taken.map(\.backend)) == Set(Self.names))
        for taken in backends.taken { #expect(try scan(taken.body, as: .traces).items > 0) }
        try sink.end()
    }

    /// Three backends, one is down: nothing is lost, nothing is doubled, and from the second batch on
    /// nobody waits for it.
    @Test(arguments: failures)
    func oneThatIsDownIsPassedOver(failure: FakeReply) throws {
        let host = FakeHost()
        let backends = ScriptedBackends(host)
        backends["b:1"] = .answers(failure)
        let sink = try host.balancing(Self.names)
        let body = try Units.spans(traces: 0..<100)
        #expect(sink.deliver(try host.batch(.traces, body)).outcome == .delivered())
        #expect(backends.items == Units.names(body).sorted())
        #expect(backends.traces.values.allSatisfy { $0.count == 1 })
        #expect(backends.asked.count(where: { $0 == "b:1" }) == 1)
        #expect(host.failedAttempts.map(\.reason) == ["rerouted"])
        #expect(host.health.last?.0 == .recoverableError)
        #expect(host.health.last?.1.contains("1 of 3 backends are down: b:1 (") == true)

        backends.forgetAsked()
        #expect(sink.deliver(try host.batch(.traces, body)).outcome == .delivered())
        #expect(!backends.asked.contains("b:1"))

        // One part tries it when its time has come, and all go there again after it.
        backends["b:1"] = .takes
        host.advance(by: .seconds(4))
        #expect(sink.deliver(try host.batch(.traces, body)).outcome == .delivered())
        #expect(backends.asked.contains("b:1"))
        #expect(host.health.last?.0 == .ok)
        #expect(backends.items.count == 3 * 200)
        try sink.end()
    }

    @Test func allDownIsSaidWithTheirNamesAndWhenToComeBack() throws {
        let host = FakeHost()
        let backends = ScriptedBackends(host)
        for name in Self.names { backends[name] = .answers(.failure(.retry("connection refused"))) }
        let sink = try host.balancing(Self.names)
        let batch = try host.batch(.traces, try Units.spans(traces: 0..<100))
        guard case .retry(let after, let text)? = sink.deliver(batch).outcome else {
            Issue.record("expected a retry")
            return
        }
        #expect(after == .seconds(1))
        #expect(text.hasPrefix("all 3 backends are down: a:1 (connection refused"))
        // Each part was at each backend at most once, and now nobody is asked.
        let asked = backends.asked
        #expect(asked.count <= 9)
        #expect(host.health.last?.0 == .recoverableError)
        guard case .retry? = sink.deliver(batch).outcome else {
            Issue.record("expected a retry")
            return
        }
        #expect(backends.asked == asked)
        try sink.end()
    }

    /// What was delivered before the batch had to be tried again is not sent again.
    @Test func theNextAttemptSendsOnlyTheRest() throws {
        let host = FakeHost()
        let backends = ScriptedBackends(host)
        let sink = try host.balancing(Self.names)
        let body = try Units.spans(traces: 0..<100)
        let batch = try host.batch(.traces, parts: [body, try Units.spans(traces: 100..<150)])
        for name in Self.names { backends[name] = .stalls }
        let delivery = sink.deliver(
            batch, deadline: Deadline(monotonicNanoseconds: host.monotonic + 8_000_000_000))
        #expect(host.client.sent.count == 3)
        let first = host.client.sent[0]
        host.client.reply(to: 0, FakeReply(code: 0))
        #expect(delivery.outcome == nil)
        host.advance(by: .seconds(9))
        host.client.reply(to: 1, .failure(.timeout("8 s")))
        host.client.reply(to: 2, .failure(.timeout("8 s")))
        guard case .retry? = delivery.outcome else {
            Issue.record("found \(String(describing: delivery.outcome)), expected a retry")
            return
        }
        for name in Self.names { backends[name] = .takes }
        host.advance(by: .seconds(5))
        // The host may have the batch as other objects by then.
        let again = try host.batch(.traces, parts: [body, try Units.spans(traces: 100..<150)])
        #expect(sink.deliver(again, attempt: 2).outcome == .delivered())
        let all = (backends.items + Units.names(first.body)).sorted()
        #expect(all.count == 300)
        #expect(Set(all).count == 300)
        // Then it is forgotten: the same bytes are another batch.
        #expect(sink.deliver(again).outcome == .delivered())
        #expect(backends.items.count == 600 - Units.names(first.body).count)
        try sink.end()
    }

    @Test func whatStallsGoesOnWhenItsTimeIsUp() throws {
        let host = FakeHost()
        let backends = ScriptedBackends(host)
        backends["a:1"] = .stalls
        let sink = try host.balancing(Self.names)
        let body = try Units.spans(traces: 0..<100)
        let deadline = Deadline(monotonicNanoseconds: host.monotonic + 30_000_000_000)
        let delivery = sink.deliver(try host.batch(.traces, body), deadline: deadline)
        let stalled = try #require(host.client.sent.firstIndex { $0.backend == "a:1" })
        #expect(
            host.client.sent[stalled].deadline
                == Deadline(monotonicNanoseconds: host.monotonic + 5_000_000_000))
        #expect(delivery.outcome == nil)
        host.advance(by: .seconds(5))
        host.client.reply(to: stalled, .failure(.timeout("5 s")))
        #expect(delivery.outcome == .delivered())
        #expect(backends.items == Units.names(body).sorted())
        try sink.end()
    }

    @Test func aPartThatIsRefusedCountsAsRejected() throws {
        let host = FakeHost()
        let backends = ScriptedBackends(host)
        backends["c:1"] = .answers(
            FakeReply(code: GRPCStatus.invalidArgument.rawValue, message: "no such tenant"))
        let sink = try host.balancing(Self.names)
        let body = try Units.spans(traces: 0..<100)
        guard
            case .delivered(let rejected, let text)? =
                sink.deliver(try host.batch(.traces, body)).outcome
        else {
            Issue.record("expected a delivery")
            return
        }
        #expect(rejected > 0 && rejected + backends.items.count == 200)
        #expect(text.contains("c:1 answered INVALID_ARGUMENT: no such tenant"))
        for name in Self.names { backends[name] = backends["c:1"] }
        guard case .refused? = sink.deliver(try host.batch(.traces, body)).outcome else {
            Issue.record("expected a refusal: the host looks for the bad items")
            return
        }
        try sink.end()
    }

    @Test func partialSuccessesAddUp() throws {
        let host = FakeHost()
        let backends = ScriptedBackends(host)
        let partial = PartialSuccess(rejected: 2, message: "too old").encoded(.proto, .traces)
        for name in Self.names { backends[name] = .answers(FakeReply(code: 0, body: partial)) }
        let sink = try host.balancing(Self.names)
        let batch = try host.batch(.traces, try Units.spans(traces: 0..<100))
        guard case .delivered(let rejected, let text)? = sink.deliver(batch).outcome else {
            Issue.record("expected a delivery")
            return
        }
        #expect(rejected == 6)
        #expect(text.contains("too old"))
        try sink.end()
    }

    /// The number is a server's, and any number.
    @Test func noPartRejectsMoreThanItHas() throws {
        let host = FakeHost()
        let backends = ScriptedBackends(host)
        let partial = PartialSuccess(rejected: .max, message: "").encoded(.proto, .traces)
        for name in Self.names { backends[name] = .answers(FakeReply(code: 0, body: partial)) }
        let sink = try host.balancing(Self.names)
        let batch = try host.batch(.traces, try Units.spans(traces: 0..<100))
        guard case .delivered(let rejected, _)? = sink.deliver(batch).outcome else {
            Issue.record("expected a delivery")
            return
        }
        #expect(rejected == 200)
        try sink.end()
    }

    @Test func stoppingEndsWhatIsUnderWay() throws {
        let host = FakeHost()
        let backends = ScriptedBackends(host)
        for name in Self.names { backends[name] = .stalls }
        let sink = try host.balancing(Self.names)
        let batch = try host.batch(.traces, try Units.spans(traces: 0..<100))
        let delivery = sink.deliver(batch)
        try sink.stop()
        guard case .retry? = delivery.outcome else {
            Issue.record("found \(String(describing: delivery.outcome)), expected a retry")
            return
        }
        #expect(host.client.sent.count == 3)
        #expect(!host.logs.contains { $0.level == .warning })
        try sink.end()
    }

    @Test func withoutMemoryTheBatchWaits() throws {
        let host = FakeHost()
        _ = ScriptedBackends(host)
        let sink = try host.balancing(Self.names)
        let batch = try host.batch(.traces, try Units.spans(traces: 0..<100))
        host.limitMemory(to: host.heldBytes + 64)
        guard case .retry(_, let text)? = sink.deliver(batch).outcome else {
            Issue.record("expected a retry")
            return
        }
        #expect(text.contains("memory budget"))
        #expect(host.client.sent.isEmpty)
        host.limitMemory(to: .max)
        #expect(sink.deliver(batch).outcome == .delivered())
        try sink.end()
    }

    @Test func manyDeliveriesAtOnce() async throws {
        let host = FakeHost()
        let backends = ScriptedBackends(host)
        backends["b:1"] = .answers(.failure(.retry("connection refused")))
        let sink = try host.balancing(Self.names)
        let batch = try host.batch(.traces, try Units.spans(traces: 0..<20))
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<25 { #expect(sink.deliver(batch).outcome == .delivered()) }
                }
            }
        }
        #expect(backends.items.count == 200 * 40)
        try sink.end()
    }
}
