package import WeirSDK

/// Takes messages from a stream of NATS JetStream, and acknowledges each when everything downstream
/// has it, or when the host says what became of it.
package final class NatsReceiver: Receiver {
    private let settings: NatsReceiverSettings
    private let host: Host
    private let settlements: Settlements
    private let fetcher: Fetcher

    package init(settings: NatsReceiverSettings, host: Host) throws(ComponentError) {
        try settings.check()
        self.settings = settings
        self.host = host
        settlements = try Settlements(settings.connection, host)
        fetcher = try Fetcher(settings, settlements, host)
    }

    package func start(deadline: Deadline) throws(ComponentError) {
        try settlements.start(ackWait: settings.ackWait)
        try fetcher.start()
    }

    package func stop(deadline: Deadline) throws(ComponentError) {
        fetcher.stop()
        settlements.stop(within: host.remaining(until: deadline) ?? .seconds(10))
    }
}
