import Synchronization
import WeirSDK

/// Receives from Kafka as a member of a consumer group.
final class KafkaReceiver: Receiver {
    private let settings: ReceiverSettings
    private let host: Host
    private let running = Mutex<(consumer: Consumer, thread: RunningThread)?>(nil)

    init(settings: ReceiverSettings, host: Host) throws(ComponentError) {
        try settings.check()
        try KafkaClient.check(.consumer, settings.properties)
        if let doubt = settings.client.doubt { host.log(.warning, doubt) }
        self.settings = settings
        self.host = host
    }

    func start(deadline: Deadline) throws(ComponentError) {
        let consumer = try Consumer(settings, host)
        guard let thread = Threads.start({ consumer.run() }) else {
            consumer.close(within: .zero)
            consumer.run()
            throw .retry("the machine has no thread left for the consumer")
        }
        running.withLock { $0 = (consumer, thread) }
    }

    /// Lets what is under way be answered, tells the group how far it came, and leaves it.
    func stop(deadline: Deadline) throws(ComponentError) {
        guard let (consumer, thread) = running.withLock({ $0.take() }) else { return }
        consumer.close(within: host.remaining(until: deadline) ?? .seconds(10))
        thread.join()
    }
}
