package import WeirSDK

/// Delivers into a stream of NATS JetStream. A delivery is pending until the stream has it.
package final class NatsSink: Sink {
    private let publisher: Publisher

    package init(settings: NatsSinkSettings, host: Host) throws(ComponentError) {
        try settings.check()
        publisher = try Publisher(settings, host)
    }

    package func start(deadline: Deadline) throws(ComponentError) { try publisher.start() }

    package func stop(deadline: Deadline) throws(ComponentError) { publisher.stop() }

    package func deliver(_ batch: Batch, _ delivery: Delivery) -> Outcome {
        publisher.submit(batch, delivery)
    }
}
