import BatchPlugin
import Synchronization
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

struct BackpressureTests {
    private let settings = #"{"send_batch_size": 10, "timeout": "1h"}"#

    @Test func holdsAndThenRefuses() throws {
        let host = FakeHost()
        let batch = try host.start(plugin, .processor, "batch", settings: settings)
        host.answerEmit { _ in .retry(after: .seconds(3), "busy") }
        try batch.consume(host.logs(10))
        try batch.consume(host.logs(10))
        #expect(batch.held == 20)
        #expect(throws: ComponentError.self) { try batch.consume(host.logs(1)) }
        #expect(batch.held == 20)
        host.answerEmit(nil)
        // Three seconds are for those who have to send everything again; this is a call.
        host.advance(by: .milliseconds(4))
        #expect(host.emitted.isEmpty)
        host.advance(by: .milliseconds(1))
        #expect(host.emitted.map(\.items) == [10])
        try batch.consume(host.logs(1))
        #expect(host.emitted.map(\.items) == [10, 11])
        try batch.end()
    }

    /// The retries double from 5 ms to 100 ms.
    @Test func retriesBackOff() throws {
        let host = FakeHost()
        let batch = try host.start(plugin, .processor, "batch", settings: settings)
        let attempts = Attempts()
        host.answerEmit { _ in
            attempts.add(host.monotonic); return .retry("busy")
        }
        try batch.consume(host.logs(10))
        host.advance(by: .milliseconds(360))
        #expect(attempts.gaps == [5, 10, 20, 40, 80, 100, 100])
        host.answerEmit(nil)
        try batch.end()
        #expect(host.emitted.map(\.items) == [10])
    }

    @Test func refusedForGoodIsDroppedAndCounted() throws {
        let host = FakeHost()
        let batch = try host.start(plugin, .processor, "batch", settings: settings)
        host.answerEmit { _ in .refused("too old") }
        try batch.consume(host.logs(12))
        #expect(host.dropped == [DroppedItems(items: 12, signal: .logs, reason: "refused")])
        #expect(host.logs.contains { $0.message.contains("12 log records") })
        host.answerEmit(nil)
        try batch.end()
    }

    @Test func bytesAreBounded() throws {
        let host = FakeHost()
        let batch = try host.start(
            plugin, .processor, "batch",
            settings: #"{"send_batch_size": 0, "timeout": "1h", "max_held_bytes": "10kB"}"#)
        let large = OTLPSample.request(.logs, records: 1, padding: 6000)
        try batch.consume(host.batch(.logs, large))
        try batch.consume(host.batch(.logs, large))
        #expect(throws: ComponentError.self) { try batch.consume(host.batch(.logs, large)) }
        try batch.end()
        #expect(host.emitted.map(\.items) == [2])
    }

    /// Drain says that something is left; stop then drops and counts it.
    @Test func whatCannotBeSentIsCounted() throws {
        let host = FakeHost()
        let batch = try host.start(plugin, .processor, "batch", settings: settings)
        host.answerEmit { _ in .retry("busy") }
        try batch.consume(host.logs(10))
        try batch.consume(host.logs(4))
        #expect(throws: ComponentError.self) { try batch.drain() }
        try batch.stop()
        batch.destroy()
        #expect(host.dropped == [DroppedItems(items: 14, signal: .logs, reason: "stopped")])
        try host.checkClean()
    }

    /// A drain that meets items on their way out says that it is not done: they may come back.
    @Test func drainWaitsForWhatIsBeingSent() throws {
        let host = FakeHost()
        let batch = try host.start(plugin, .processor, "batch", settings: settings)
        host.answerEmit { _ in
            #expect(throws: ComponentError.self) { try batch.drain() }
            return nil
        }
        try batch.consume(host.logs(10))
        #expect(host.emitted.map(\.items) == [10])
        host.answerEmit(nil)
        try batch.drain()
        try batch.end()
    }

    /// Several threads, time that passes meanwhile, and a next component that takes, delays and
    /// refuses in turn: every item that was taken is emitted or dropped in the end.
    @Test(arguments: [0, 64])
    func losesNothingUnderLoad(_ limit: Int) throws {
        let host = FakeHost()
        let batch = try host.start(
            plugin, .processor, "batch",
            settings: """
                {"send_batch_size": 50, "send_batch_max_size": \(limit), "timeout": "20ms"}
                """)
        let calls = Atomic<Int>(0)
        host.answerEmit { _ in
            switch calls.add(1, ordering: .relaxed).oldValue % 7 {
            case 2, 3: .retry("busy")
            case 5: .refused("no")
            default: nil
            }
        }
        let given = try (1...20).map { try host.logs($0 * 5) }
        let failure = onThreads(4) {
            for round in 0..<400 {
                do { try batch.consume(given[round % given.count]) } catch {
                    guard case .retry = (error as? ComponentError)?.kind else { throw error }
                }
                if round % 10 == 0 { host.advance(by: .milliseconds(5)) }
            }
        }
        #expect(failure == nil)
        #expect(batch.taken > 0)
        host.answerEmit(nil)
        host.advance(by: .seconds(10))
        #expect(batch.held == 0)
        try batch.end()
    }
}
