import CKafka
import Glibc
import Synchronization
import WeirSDK
import WeirTelemetry

/// One consumer of librdkafka and the thread that polls it, which alone touches what is not locked.
@safe final class Consumer: @unchecked Sendable {
    // Sendable: `run` is called once; what other threads reach is `inbox` and `closing`.
    let settings: ReceiverSettings
    let host: Host
    let client: KafkaClient
    let log: ClientLog
    let acknowledgements: Acknowledgements?
    let inbox: Inbox
    let complaints: SparseLog
    /// How long the end may take, once it has begun.
    private let closing = Mutex<Duration?>(nil)

    // The thread's own.
    var partitions: [Place: AssignedPartition] = [:]
    var topics: [String: (Signal, MessageEncoding)] = [:]
    var assignments = 0
    var isFull = false
    /// Whether a position was stored that nobody commits by himself.
    var hasToCommit = false

    init(_ settings: ReceiverSettings, _ host: Host) throws(ComponentError) {
        self.settings = settings
        self.host = host
        log = ClientLog(host)
        complaints = SparseLog(host)
        acknowledgements = host.acknowledgements
        let client = try KafkaClient(
            .consumer, settings.properties,
            events: RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT)
        self.client = client
        inbox = Inbox { client.wake() }
        for (signal, source) in settings.sources {
            topics[source.topic] = (signal, source.encoding)
        }
        if let failure = subscribe() {
            client.destroy()
            throw .invalid("the topics cannot be subscribed to: \(failure.summary)")
        }
    }

    /// Asks for the topics that are left.
    func subscribe() -> KafkaFailure? {
        let list = unsafe rd_kafka_topic_partition_list_new(Int32(topics.count))!
        defer { unsafe rd_kafka_topic_partition_list_destroy(list) }
        for topic in topics.keys {
            unsafe rd_kafka_topic_partition_list_add(list, topic, RD_KAFKA_PARTITION_UA)
        }
        let code =
            unsafe topics.isEmpty
            ? rd_kafka_unsubscribe(client.raw) : rd_kafka_subscribe(client.raw, list)
        return code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaFailure(code)
    }

    /// Lets ``run()`` end.
    func close(within limit: Duration) {
        closing.withLock { $0 = limit }
        client.wake()
    }

    // MARK: The thread

    func run() {
        var limit = closing.withLock { $0 }
        while limit == nil {
            settleAll()
            retryAll()
            adjustPauses()
            commitIfNeeded()
            handle(client.poll(milliseconds: pollTime))
            log.probe(client)
            limit = closing.withLock { $0 }
        }
        end(within: limit ?? .zero)
    }

    /// Not longer than until the next attempt; letters wake it.
    private var pollTime: Int {
        partitions.values.contains { !$0.waiting.isEmpty } ? 10 : 500
    }

    private func end(within limit: Duration) {
        let end = ContinuousClock.now + limit
        // Part of the time is for leaving the group.
        waitForAnswers(until: end - limit / 4)
        commitIfNeeded()
        _ = unsafe rd_kafka_consumer_close_queue(client.raw, client.queue).map {
            unsafe rd_kafka_error_destroy($0)
        }
        var isClosed = unsafe rd_kafka_consumer_closed(client.raw) != 0
        while !isClosed, ContinuousClock.now < end {
            handle(client.poll(milliseconds: 50), isClosing: true)
            isClosed = unsafe rd_kafka_consumer_closed(client.raw) != 0
        }
        partitions = [:]
        inbox.close()
        if !isClosed {
            host.log(
                .warning,
                "the brokers did not confirm in time that this member leaves group "
                    + "\(settings.groupID): it is out after session_timeout, and what was not "
                    + "committed comes again")
        }
        // Threads of a client that is not closed may hang on a broker; nobody has to wait for them.
        let client = client
        let rest = max(.milliseconds(500), end - ContinuousClock.now)
        _ = Threads.result(within: rest) { client.destroy() }
    }

    /// Waits for what becomes of emitted batches.
    func waitForAnswers(until end: ContinuousClock.Instant, of places: Set<Place>? = nil) {
        while true {
            settleAll()
            let isOpen = partitions.contains { place, partition in
                !partition.emitted.isEmpty && places?.contains(place) != false
            }
            let left = end - ContinuousClock.now
            guard isOpen, left > .zero else { return }
            _ = inbox.arrived.wait(for: left)
        }
    }

    // MARK: Events

    private func handle(_ event: consuming KafkaEvent?, isClosing: Bool = false) {
        guard let event else { return }
        switch event.type {
        case RD_KAFKA_EVENT_FETCH:
            guard !isClosing else { return }
            event.forEachMessage { message in
                if message.code == RD_KAFKA_RESP_ERR_NO_ERROR {
                    log.succeeded()
                    take(message)
                } else {
                    failed(message.failure, topic: message.place.topic)
                }
            }
        case RD_KAFKA_EVENT_REBALANCE: rebalance(event, isClosing: isClosing)
        case RD_KAFKA_EVENT_OFFSET_COMMIT: committed(event)
        case RD_KAFKA_EVENT_LOG:
            if let line = event.line { log.write(level: line.level, line.text) }
        case RD_KAFKA_EVENT_ERROR: failed(event.failure, topic: nil)
        default: break
        }
    }

    private func failed(_ failure: KafkaFailure, topic: String?) {
        if failure.isFatal {
            let why = client.fatalError ?? failure
            return log.stopped(
                "this consumer can go on no more: \(why.message(group: settings.groupID)); restart "
                    + "weir (a reload keeps what did not change)")
        }
        // All three topics were a guess, of which some may not exist.
        if failure.isUnknownTopic, !settings.namesSignals {
            return host.log(.debug, failure.summary)
        }
        if failure.isConnection { return log.disconnected(failure) }
        // librdkafka's text names the topic that a subscription lacks.
        let named = topic ?? topics.keys.first { failure.text.contains($0) }
        log.failed(failure.message(topic: named, group: settings.groupID))
    }

    private func committed(_ event: borrowing KafkaEvent) {
        let code = event.code
        switch code {
        case RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR__NO_OFFSET: break
        default:
            complaints.warn(
                "how far group \(settings.groupID) has come could not be committed, so messages may "
                    + "come again: \(event.failure.message(group: settings.groupID))")
        }
    }
}
