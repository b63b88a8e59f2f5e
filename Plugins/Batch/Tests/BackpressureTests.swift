import BatchPlugin
import Synchronization
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

struct BackpressureTests {
    private let settings = #"{"send_batch_size": 10, "timeout": "1h"}"#

    /// What there is no room for waits; once enough of it does, what comes is passed on as it is, and
    /// its sender is told what the next one says.
    @Test func holdsAndThenPassesOn() throws {
        let host = FakeHost()
        let batch = try host.start(plugin, .processor, "batch", settings: settings)
        host.answerEmit { _ in .retry(after: .seconds(3), "busy") }
        try batch.consume(host.logs(10))
        try batch.consume(host.logs(9))
        #expect(batch.held == 19)
        try batch.consume(host.logs(1))
        #expect(batch.held == 20 && host.waitingCount == 2)
        #expect(throws: ComponentError.retry(after: .seconds(3), "busy")) {
            try batch.consume(host.logs(4))
        }
        #expect(batch.held == 20)
        // Some of those who follow have room: they get it, in its turn.
        host.answerEmit { $0.items == 3 ? nil : .retry("busy") }
        try batch.consume(host.logs(3))
        #expect(host.emitted.map(\.items) == [3])
        host.answerEmit(nil)
        host.advance(by: .milliseconds(1))
        #expect(host.emitted.map(\.items) == [3, 10, 10] && host.waitingCount == 0)
        try batch.consume(host.logs(11))
        #expect(host.emitted.map(\.items) == [3, 10, 10, 11])
        try batch.end()
    }

    /// What is pending came later, and goes on being joined.
    @Test func whatComesAgainIsPassedOnAlone() throws {
        let host = FakeHost()
        let batch = try host.start(plugin, .processor, "batch", settings: settings)
        try batch.consume(host.logs(2))
        let again = try host.batch(
            .logs, parts: [OTLPSample.request(.logs, records: 3)], comesAgain: true)
        host.answerEmit { _ in .retry("busy") }
        #expect(throws: ComponentError.retry("busy")) { try batch.consume(again) }
        host.answerEmit(nil)
        try batch.consume(again)
        #expect(host.emitted.map(\.items) == [3] && batch.held == 2)
        try batch.consume(host.logs(8))
        #expect(host.emitted.map(\.items) == [3, 10])
        try batch.end()
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
        for _ in 0..<3 { try batch.consume(host.batch(.logs, large)) }
        #expect(host.emitted.map(\.items) == [2], "it is sent before its time")
        host.answerEmit { _ in .retry("busy") }
        for _ in 0..<2 { try batch.consume(host.batch(.logs, large)) }
        #expect(throws: ComponentError.self) { try batch.consume(host.batch(.logs, large)) }
        #expect(batch.held == 3)
        host.answerEmit(nil)
        host.advance(by: .milliseconds(1))
        try batch.end()
        #expect(host.emitted.map(\.items).reduce(0, +) == 5)
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
                    switch (error as? ComponentError)?.kind {
                    case .retry, .refused: break
                    default: throw error
                    }
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
