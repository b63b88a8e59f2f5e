import Synchronization
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

@testable import MemoryLimiterPlugin

struct MemoryLimiterTests {
    private static let settings =
        #"{"check_interval": "2s", "limit_mib": 100, "spike_limit_mib": 20}"#
    private static let mib = 1 << 20

    @Test func conforms() throws {
        // Twice what any test process has, so that nothing is refused.
        try conformance(
            plugin,
            ConformanceOptions(settings: [
                "memory_limiter": #"{"check_interval": "1s", "limit_mib": 100000000}"#
            ]))
    }

    /// Refuses with a delay while memory is short, and says what to do; takes again afterwards.
    @Test func refusesAndResumes() throws {
        let script = ScriptedMemory.Script()
        try ScriptedMemory.$script.withValue(script) {
            let host = FakeHost()
            let limiter = try host.start(
                scripted, .processor, "memory_limiter", settings: Self.settings)
            let input = OTLPSample.request(.traces, records: 3)
            let batch = try host.batch(.traces, input)
            try limiter.consume(batch)

            script.state.withLock { $0.resident = 85 * Self.mib }
            // Memory is looked at when the interval is over, not at each batch.
            try limiter.consume(batch)
            host.advance(by: .seconds(2))
            let error = #expect(throws: ComponentError.self) { try limiter.consume(batch) }
            #expect(error?.kind == .retry(after: .seconds(2)))
            for words in ["85.0 MiB", "80.0 MiB", "100.0 MiB", "raise the limit"] {
                #expect(error?.message.contains(words) == true)
            }

            // The message names the memory of now.
            script.state.withLock { $0.resident = 90 * Self.mib }
            host.advance(by: .seconds(2))
            let later = #expect(throws: ComponentError.self) { try limiter.consume(batch) }
            #expect(later?.message.contains("90.0 MiB") == true)

            script.state.withLock { $0.resident = 79 * Self.mib }
            host.advance(by: .seconds(2))
            try limiter.consume(batch)
            #expect(host.emitted.map(\.bytes) == [input, input, input])
            #expect(host.logs.isEmpty)
            #expect(host.health.map(\.0) == [.recoverableError, .ok])
            #expect(host.health[0].1.contains("85.0 MiB of memory, at or above the soft limit"))
            #expect(script.state.withLock { $0.trims } == 0)
            try limiter.end()
        }
    }

    @Test func trimsAtTheHardLimit() throws {
        let script = ScriptedMemory.Script()
        try ScriptedMemory.$script.withValue(script) {
            let host = FakeHost()
            let limiter = try host.start(
                scripted, .processor, "memory_limiter", settings: Self.settings)
            let batch = try host.batch(.logs, OTLPSample.request(.logs, records: 1))
            script.state.withLock {
                $0.resident = 120 * Self.mib
                $0.afterTrim = [30 * Self.mib]
            }
            host.advance(by: .seconds(2))
            #expect(script.state.withLock { $0.trims } == 1)
            try limiter.consume(batch)

            // It comes back at once: refused, and not trimmed again before 10 s have passed.
            script.state.withLock { $0.resident = 120 * Self.mib }
            host.advance(by: .seconds(8))
            #expect(script.state.withLock { $0.trims } == 1)
            #expect(throws: ComponentError.self) { try limiter.consume(batch) }
            host.advance(by: .seconds(2))
            #expect(script.state.withLock { $0.trims } == 2)
            try limiter.end()
        }
    }

    /// A process that is too large when it starts refuses from the first batch on.
    @Test func looksBeforeTheFirstBatch() throws {
        let script = ScriptedMemory.Script()
        script.state.withLock { $0.resident = 90 * Self.mib }
        try ScriptedMemory.$script.withValue(script) {
            let host = FakeHost()
            let limiter = try host.start(
                scripted, .processor, "memory_limiter", settings: Self.settings)
            let batch = try host.batch(.logs, OTLPSample.request(.logs, records: 1))
            #expect(throws: ComponentError.self) { try limiter.consume(batch) }
            try limiter.end()
        }
    }

    /// A batch that passes is the same batch: no memory of the host is asked for.
    @Test func copiesNothing() throws {
        try ScriptedMemory.$script.withValue(ScriptedMemory.Script()) {
            let host = FakeHost()
            let limiter = try host.start(
                scripted, .processor, "memory_limiter", settings: Self.settings)
            let batch = try host.batch(.metrics, OTLPSample.request(.metrics, records: 5))
            let held = host.heldBytes
            host.limitMemory(to: held)
            host.answerEmit { _ in
                #expect(host.heldBytes == held)
                return .retry(after: .seconds(7), "downstream")
            }
            let answer = ComponentError.retry(after: .seconds(7), "downstream")
            #expect(throws: answer) { try limiter.consume(batch) }
            try limiter.end()
        }
    }

    /// When memory cannot be read any more the last decision stands, and one line says so.
    @Test func survivesABrokenSource() throws {
        let script = ScriptedMemory.Script()
        try ScriptedMemory.$script.withValue(script) {
            let host = FakeHost()
            let limiter = try host.start(
                scripted, .processor, "memory_limiter", settings: Self.settings)
            script.state.withLock { $0.isBroken = true }
            host.advance(by: .seconds(10))
            #expect(host.logs.map(\.level) == [.error])
            try limiter.consume(host.batch(.logs, OTLPSample.request(.logs, records: 1)))
            script.state.withLock { ($0.isBroken, $0.resident) = (false, 95 * Self.mib) }
            host.advance(by: .seconds(2))
            #expect(host.health.map(\.0) == [.recoverableError])
            try limiter.end()
        }
    }

    @Test(arguments: [
        (#"{"check_interval": 0, "limit_mib": 100}"#, "check_interval"),
        (#"{"check_interval": "1s"}"#, "neither limit_mib nor limit_percentage"),
        (
            #"{"check_interval": "1s", "limit_mib": 100, "spike_limit_mib": 100}"#,
            "spike_limit_mib 100"
        ),
        (
            #"{"check_interval": "1s", "limit_percentage": 50, "spike_limit_percentage": 60}"#,
            "limit_percentage 50"
        ),
        (#"{"check_interval": "1s", "limit_percentage": 101}"#, "expected 0 to 100"),
    ])
    func refusesSettings(_ settings: String, _ words: String) {
        ScriptedMemory.$script.withValue(ScriptedMemory.Script()) {
            let error = #expect(throws: ComponentError.self) {
                _ = try FakeHost().create(
                    scripted, .processor, "memory_limiter", settings: settings)
            }
            #expect(error?.kind == .invalid)
            #expect(error?.message.contains(words) == true)
        }
    }

    /// Percentages count of what the process may have.
    @Test func readsPercentages() throws {
        let script = ScriptedMemory.Script()
        script.state.withLock { ($0.available, $0.resident) = (200 * Self.mib, 81 * Self.mib) }
        try ScriptedMemory.$script.withValue(script) {
            let host = FakeHost()
            let limiter = try host.start(
                scripted, .processor, "memory_limiter",
                settings: #"{"check_interval": "1s", "limit_percentage": 50}"#)
            let batch = try host.batch(.logs, OTLPSample.request(.logs, records: 1))
            #expect(throws: ComponentError.self) { try limiter.consume(batch) }
            script.state.withLock { $0.resident = 79 * Self.mib }
            host.advance(by: .seconds(1))
            try limiter.consume(batch)
            try limiter.end()
        }
    }
}
