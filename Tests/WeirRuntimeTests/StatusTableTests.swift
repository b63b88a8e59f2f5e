import CWeir
import Testing
import WeirConfig
import WeirTelemetry

@testable import WeirRuntime

/// weir/ext/status.h as a sink that makes attempts again by itself uses it.
@Suite struct StatusTableTests {
    @Test func attemptsThatFailAreCounted() throws {
        let sink = ScriptedComponent(kind: .sink)
        try sink.instance.create(settings: [])
        let host = try #require(sink.host)
        let raw = host.pointee.extension(host, WEIR_EXT_STATUS)
        let api = try #require(raw).assumingMemoryBound(to: weir_status_api.self)
        #expect(Int(api.pointee.size) == MemoryLayout<weir_status_api>.size)
        func failed(_ signal: UInt32, _ items: UInt64, _ reason: StaticString) {
            let text = weir_slice(data: reason.utf8Start, length: reason.utf8CodeUnitCount)
            api.pointee.attempt_failed(host, signal, items, text)
        }
        failed(UInt32(WEIR_METRICS), 3, "retry")
        failed(UInt32(WEIR_METRICS), 4, "retry")
        failed(UInt32(WEIR_METRICS), 5, "timeout")
        failed(99, 6, "retry")
        #expect(
            sink.instance.counters.failed.all == [
                .init(signal: .metrics, reason: "retry"): 7,
                .init(signal: .metrics, reason: "timeout"): 5,
            ])
        #expect(sink.instance.counters.dropped.all.isEmpty)
    }
}
