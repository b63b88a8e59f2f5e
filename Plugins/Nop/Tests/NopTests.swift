import NopPlugin
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

struct NopTests {
    @Test func conforms() throws { try conformance(plugin) }

    @Test(arguments: Signal.allCases)
    func sinkTakesEverything(_ signal: Signal) throws {
        let host = FakeHost()
        let sink = try host.start(plugin, .sink, "nop")
        let batch = try host.batch(signal, OTLPSample.request(signal, records: 3))
        #expect(sink.deliver(batch).outcome == .delivered())
        try sink.end()
        #expect(host.heldBytes > 0, "the test still holds its own batch")
    }
}
