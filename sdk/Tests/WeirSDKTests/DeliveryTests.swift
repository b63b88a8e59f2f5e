import Synchronization
import Testing
import WeirSDK
import WeirTelemetry
import WeirTestKit

/// A delivery is settled exactly once, whatever the sink does.
struct DeliveryTests {
    /// What the sink of a test does with a delivery; by name, because settings are data.
    final class ScriptedSink: Sink {
        struct Settings: Decodable { var script: String }
        private let script: String
        private let kept = Mutex<Delivery?>(nil)
        private let timer = Mutex<Timer?>(nil)
        private let host: Host

        init(settings: Settings, host: Host) {
            script = settings.script
            self.host = host
        }

        func deliver(_ batch: Batch, _ delivery: Delivery) -> Outcome {
            switch script {
            case "delivered": return .delivered(rejected: 2, message: "two were bad")
            case "retry": return .retry(after: .seconds(7), message: "busy")
            case "refused": return .refused(message: "never")
            case "settle in call":
                delivery.settle(.delivered())
                return .pending
            case "settle and answer":
                delivery.settle(.refused(message: "first"))
                return .delivered()
            case "later":
                kept.withLock { $0 = delivery }
                let made = host.timers?.after(.seconds(1)) { [weak self] in
                    self?.kept.withLock { $0.take() }?.settle(.delivered())
                }
                timer.withLock { $0 = made }
                return .pending
            case "twice":
                delivery.settle(.delivered())
                delivery.settle(.delivered())
                return .pending
            default: return .pending  // and loses it
            }
        }

        func stop(deadline: Deadline) { timer.withLock { $0.take() }?.cancel() }
    }

    private let plugin = Plugin(
        id: "test.sink", version: "1.0.0", components: [.sink("scripted", ScriptedSink.self)])

    /// Script, outcome, and whether the plugin gets the blame.
    @Test(arguments: [
        ("delivered", Outcome.delivered(rejected: 2, message: "two were bad"), false),
        ("retry", .retry(after: .seconds(7), message: "busy"), false),
        ("refused", .refused(message: "never"), false),
        ("settle in call", .delivered(), false),
        ("settle and answer", .refused(message: "first"), true),
        ("twice", .delivered(), true),
        ("lost", .refused(message: "the plugin lost the delivery"), true),
        ("later", .delivered(), false),
    ])
    func settlesOnce(_ script: String, _ expected: Outcome, _ isBlamed: Bool) throws {
        let host = FakeHost()
        let sink = try host.createRaw(plugin, .sink, "scripted", "{\"script\": \"\(script)\"}")
        try sink.start()
        let delivery = sink.deliver(try host.batch(.logs, OTLPSample.request(.logs, records: 3)))
        if script == "later" {
            #expect(delivery.outcome == nil)
            host.advance(by: .seconds(1))
        }
        #expect(delivery.outcome == expected)
        #expect(host.logs.contains { $0.level == .pluginMisbehaving } == isBlamed)
        #expect(host.violations.isEmpty)
        try sink.stop()
    }
}
