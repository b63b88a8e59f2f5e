import CKafka
import Glibc
import Synchronization
import WeirSDK
import WeirTelemetry

/// One producer of librdkafka, the thread that polls it, and the batches under way in it.
@safe final class Producer: @unchecked Sendable {
    // Sendable: the topics' handles are any-thread constants, all else is behind a lock.

    /// A batch under way, and what its messages' bytes lie in.
    private struct Flight {
        var attempt: Attempt
        let delivery: Delivery
        let messages: [OutgoingMessage]
        let signal: Signal
    }

    private struct State {
        var flights: [UInt: Flight] = [:]
        var nextFlight: UInt = 1
        /// Threads inside ``send(_:_:)``.
        var busy = 0
        var isClosing = false
        var hasFailed = false
    }

    /// What stands below the number of the flight in a message's token.
    private static let indexBits: UInt = 24

    private let client: KafkaClient
    private let topics: [OpaquePointer]
    private let settings: SinkSettings
    private let host: Host
    private let log: ClientLog
    private let state = Mutex(State())

    init(_ settings: SinkSettings, _ host: Host, _ log: ClientLog) throws(ComponentError) {
        self.settings = settings
        self.host = host
        self.log = log
        let client = try KafkaClient(.producer, settings.properties, events: RD_KAFKA_EVENT_DR)
        self.client = client
        var topics = unsafe [OpaquePointer]()
        for signal in Signal.allCases {
            let name = settings.topic(of: signal).topic
            guard let topic = unsafe rd_kafka_topic_new(client.raw, name, nil) else {
                let failure = KafkaFailure(rd_kafka_last_error())
                for index in unsafe topics.indices { unsafe rd_kafka_topic_destroy(topics[index]) }
                client.destroy()
                throw .invalid("\(signal.name).topic: '\(name)': \(failure.summary)")
            }
            unsafe topics.append(topic)
        }
        unsafe self.topics = topics
    }

    /// Whether a new producer has to take its place.
    var hasFailed: Bool { state.withLock { $0.hasFailed } }

    // MARK: Sending, on the host's threads

    func send(_ batch: Batch, _ delivery: Delivery) -> Outcome {
        let signal = batch.signal
        let messages: [OutgoingMessage]
        do throws(ComponentError) {
            messages = try OutgoingMessage.all(
                of: batch, settings.partitioning(of: signal), settings.topic(of: signal).encoding,
                host)
        } catch {
            return Outcome(error)
        }
        guard !messages.isEmpty else { return .delivered() }
        guard messages.count < 1 << Self.indexBits else {
            return .refused(
                message: "the batch is \(messages.count) messages; at most "
                    + "\((1 << Self.indexBits) - 1) go at a time: let batches be smaller")
        }
        let number: UInt? = state.withLock { state in
            guard !state.isClosing else { return nil }
            let number = state.nextFlight
            state.nextFlight += 1
            state.busy += 1
            state.flights[number] = Flight(
                attempt: Attempt(messages: messages.count), delivery: delivery, messages: messages,
                signal: signal)
            return number
        }
        guard let number else { return .retry(message: "the sink is stopping") }
        for (index, message) in messages.enumerated() {
            let token = number << Self.indexBits | UInt(index)
            if let failure = produce(message, signal, token) {
                note(token, failure)
            }
        }
        state.withLock { $0.busy -= 1 }
        return .pending
    }

    private func produce(
        _ message: OutgoingMessage, _ signal: Signal, _ token: UInt
    ) -> KafkaFailure? {
        let bytes = unsafe message.bytes
        // Neither copied nor freed: the flight holds the bytes until the report has come.
        let status = unsafe message.key.withUnsafeBytes { key in
            unsafe rd_kafka_produce(
                topics[Int(signal.rawValue) - 1], RD_KAFKA_PARTITION_UA, 0,
                UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count,
                key.isEmpty ? nil : key.baseAddress, key.count,
                UnsafeMutableRawPointer(bitPattern: token))
        }
        return status == 0 ? nil : KafkaFailure(rd_kafka_last_error())
    }

    // MARK: Reports

    private func note(_ token: UInt, _ failure: KafkaFailure?) {
        let number = token >> Self.indexBits
        let index = Int(token & (1 << Self.indexBits - 1))
        let fate = failure.map { self.fate(of: $0, number, index) } ?? .delivered
        let settled: (Flight, Outcome)? = state.withLock { state in
            guard let outcome = state.flights[number]?.attempt.note(fate) else { return nil }
            return state.flights.removeValue(forKey: number).map { ($0, outcome) }
        }
        if let (flight, outcome) = settled { flight.delivery.settle(outcome) }
    }

    private func fate(of failure: KafkaFailure, _ number: UInt, _ index: Int) -> Attempt.Fate {
        let found = state.withLock { state in
            state.flights[number].map { ($0.messages[index], $0.signal) }
        }
        guard let (message, signal) = found else { return .retry(failure.summary) }
        if failure.isFatal { state.withLock { $0.hasFailed = true } }
        let topic = settings.topic(of: signal)
        if failure.isTooLarge {
            return .refused(
                message.items(signal, topic.encoding),
                "a message of \(message.byteCount) bytes for topic \(topic.topic); "
                    + "producer.max_message_bytes allows \(settings.producer.maxMessageBytes) and "
                    + "the topic's max.message.bytes may allow less: raise both, or let batches be "
                    + "smaller (send_batch_max_size of the processor batch)")
        }
        if failure.isPermanent {
            return .refused(
                message.items(signal, topic.encoding),
                "topic \(topic.topic): \(failure.message(topic: topic.topic))")
        }
        switch failure.code {
        case RD_KAFKA_RESP_ERR__QUEUE_FULL:
            return .retry(
                "librdkafka's queue is full (queue.buffering.max.kbytes): the brokers are slower "
                    + "than what comes")
        case RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
            return .retry("the sink is stopping")
        case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
            let why = log.current.map { ": \($0)" } ?? ": the brokers did not confirm it"
            return .retry("not delivered to topic \(topic.topic) in \(settings.timeout)\(why)")
        default:
            return .retry("topic \(topic.topic): \(failure.message(topic: topic.topic))")
        }
    }

    // MARK: The thread

    /// Polls until ``close()``; then all that is under way is to come again.
    func run() {
        while !state.withLock({ $0.isClosing }) {
            handle(client.poll(milliseconds: 1000))
            log.probe(client)
        }
        let started = ContinuousClock.now
        // Whoever is still sending adds to what has to be purged.
        while state.withLock({ $0.busy > 0 || !$0.flights.isEmpty }),
            ContinuousClock.now - started < .seconds(5)
        {
            _ = unsafe rd_kafka_purge(
                client.raw,
                Int32(RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT))
            handle(client.poll(milliseconds: 10))
        }
        for index in unsafe topics.indices { unsafe rd_kafka_topic_destroy(topics[index]) }
        client.destroy()
        let lost = state.withLock { state in
            defer { state.flights = [:] }
            return state.flights
        }
        for flight in lost.values {
            flight.delivery.settle(.retry(message: "the sink is stopping"))
        }
    }

    /// Lets ``run()`` end.
    func close() {
        state.withLock { $0.isClosing = true }
        client.wake()
    }

    private func handle(_ event: consuming KafkaEvent?) {
        guard let event else { return }
        switch event.type {
        case RD_KAFKA_EVENT_DR:
            var isDelivered = false
            event.forEachMessage { message in
                if message.code == RD_KAFKA_RESP_ERR_NO_ERROR {
                    isDelivered = true
                    note(message.token, nil)
                } else {
                    let failure = message.failure
                    if failure.isUnknownTopic {
                        log.failed(failure.message(topic: message.place.topic))
                    }
                    note(message.token, failure)
                }
            }
            if isDelivered { log.succeeded() }
        case RD_KAFKA_EVENT_LOG:
            if let line = event.line { log.write(level: line.level, line.text) }
        case RD_KAFKA_EVENT_ERROR:
            let failure = event.failure
            if failure.isFatal || client.fatalError != nil {
                state.withLock { $0.hasFailed = true }
                log.failed((client.fatalError ?? failure).message())
            } else if failure.isConnection {
                log.disconnected(failure)
            } else {
                log.failed(failure.message())
            }
        default: break
        }
    }
}
