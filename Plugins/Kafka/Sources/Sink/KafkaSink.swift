import Synchronization
import WeirSDK

/// Delivers to Kafka. A delivery is pending until the brokers have confirmed all its messages.
final class KafkaSink: Sink {
    private struct State {
        var producer: Producer?
        /// Threads of producers, the one in use included.
        var threads: [RunningThread] = []
    }

    private let settings: SinkSettings
    private let host: Host
    private let log: ClientLog
    private let state = Mutex(State())

    init(settings: SinkSettings, host: Host) throws(ComponentError) {
        try settings.check()
        try KafkaClient.check(.producer, settings.properties)
        if let doubt = settings.client.doubt { host.log(.warning, doubt) }
        self.settings = settings
        self.host = host
        log = ClientLog(host)
    }

    func start(deadline: Deadline) throws(ComponentError) {
        let (producer, thread) = try make()
        state.withLock { state in
            state.producer = producer
            state.threads.append(thread)
        }
    }

    private func make() throws(ComponentError) -> (Producer, RunningThread) {
        let producer = try Producer(settings, host, log)
        guard let thread = Threads.start({ producer.run() }) else {
            producer.close()
            producer.run()
            throw .retry("the machine has no thread left for the producer")
        }
        return (producer, thread)
    }

    func deliver(_ batch: Batch, _ delivery: Delivery) -> Outcome {
        do throws(ComponentError) {
            guard let producer = try current() else {
                return .retry(message: "the sink has been stopped")
            }
            return producer.send(batch, delivery)
        } catch {
            return Outcome(error)
        }
    }

    /// The producer, or a new one if it has failed for good: librdkafka then takes nothing more.
    private func current() throws(ComponentError) -> Producer? {
        let known = state.withLock { $0.producer }
        guard let known, known.hasFailed else { return known }
        let (fresh, thread) = try make()
        let isTaken = state.withLock { state in
            // Another thread was first, or the sink has been stopped.
            guard state.producer === known else { return false }
            state.producer = fresh
            state.threads.append(thread)
            return true
        }
        if isTaken {
            known.close()
            return fresh
        }
        fresh.close()
        thread.join()
        return state.withLock { $0.producer }
    }

    func stop(deadline: Deadline) throws(ComponentError) {
        let (producer, threads) = state.withLock { state in
            defer { state = State() }
            return (state.producer, state.threads)
        }
        producer?.close()
        for thread in threads { thread.join() }
    }
}
