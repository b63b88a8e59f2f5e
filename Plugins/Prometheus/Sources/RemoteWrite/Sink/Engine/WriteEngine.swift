import WeirPrometheus
import WeirSDK
import WeirTelemetry

/// The sink's decisions, without its effects: what is sent when, and how deliveries end.
///
/// Series are spread over shards by their labels. A shard has one request under way at most, and
/// what waits in it stands in the order in which it came; a request that fails is sent again by its
/// shard before anything else. So the samples of a series arrive in order, whatever the other side
/// answers. What is older than the last sample of its series is not sent at all.
///
/// Not thread-safe; times are nanoseconds on the monotonic clock.
struct WriteEngine {
    /// What is to be done, outside of any lock.
    enum Action: Sendable {
        case send(shard: Int, body: [UInt8], RemoteWriteMessage)
        case settle(Delivery, Outcome)
        case wake(shard: Int, alarm: UInt64, after: UInt64)
        /// The other side fails, or takes samples again.
        case failing(String)
        case recovered
        case warn(String)
        /// An attempt failed, in which so many data points were, and is made again.
        case failed(items: Int, reason: String)
    }

    let settings: RemoteWriteSinkSettings
    var store: SeriesStore
    let translator: SeriesTranslator<PointEntry>
    var message: RemoteWriteMessage
    var encoder: RemoteWriteEncoder
    var shards: ContiguousArray<Shard>
    var tickets: [Int: Ticket] = [:]
    var nextTicket = 0
    var histograms = Slots<[UInt8]>()
    var exemplars = Slots<SentExemplar>()
    /// The time of the last exemplar of a series.
    var lastExemplar: [UInt32: Int64] = [:]
    /// The number of shards to go to when nothing is under way.
    var reshardTo: Int?
    var busiest = 0
    var busiestSince: UInt64 = 0
    var isDraining = false
    var isStopped = false
    var isFailing = false
    private let random: @Sendable () -> Double

    init(
        _ settings: RemoteWriteSinkSettings, relabel: RelabelRules,
        random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
    ) {
        self.settings = settings
        self.random = random
        message = settings.message
        encoder = RemoteWriteEncoder(settings.message)
        store = SeriesStore(
            settings.message, relabel: relabel, sendsExemplars: settings.sendsExemplars)
        translator = SeriesTranslator(settings.translation)
        shards = ContiguousArray((0..<settings.queue.minShards).map { _ in Shard() })
    }

    // MARK: In

    /// Takes a batch. The outcome is `pending` as long as something of it is to be sent.
    mutating func deliver(
        _ batch: Batch, _ delivery: Delivery, now: UInt64, unixNano: UInt64
    ) -> (Outcome, [Action]) {
        guard !isStopped else { return (.retry(message: "the sink has been stopped"), []) }
        let id = nextTicket
        nextTicket += 1
        var intake = Intake(unixNano: unixNano, ticket: Ticket(delivery, items: batch.items))
        let translator = translator
        for part in 0..<batch.partCount {
            let left = translator.translate(
                batch.part(part), now: now, make: { store.entry(for: $0) },
                forget: { store.forget($0) },
                number: { point, entry in take(number: point, &entry, &intake) },
                other: { point, entry in take(point, &entry, &intake) })
            intake.ticket.samples += left.total
            if left.total > 0 { intake.ticket.drop(.noTemporality, left.total) }
        }
        store.collect()
        for index in shards.indices { shards[index].close(ticket: id, now: now) }
        guard intake.ticket.outstanding > 0 else { return (intake.ticket.outcome, []) }
        tickets[id] = intake.ticket
        var actions: [Action] = []
        for index in shards.indices { pump(index, now, &actions) }
        return (.pending, actions)
    }

    // MARK: Out

    /// Sends what a shard has, if it may: when a request is full, or its first sample has waited
    /// long enough.
    mutating func pump(_ index: Int, _ now: UInt64, _ actions: inout [Action]) {
        let deadline = settings.queue.batchSendDeadline.clampedNanoseconds
        while shards[index].flight == nil, reshardTo == nil, shards[index].count > 0 {
            let waited = now &- shards[index].since
            guard
                shards[index].count >= settings.queue.maxSamplesPerSend || isDraining
                    || waited >= deadline
            else {
                if !shards[index].isArmed { arm(index, after: deadline - waited, &actions) }
                return
            }
            launch(index, now, &actions)
        }
    }

    mutating func arm(_ index: Int, after: UInt64, _ actions: inout [Action]) {
        shards[index].alarm += 1
        shards[index].isArmed = true
        actions.append(.wake(shard: index, alarm: shards[index].alarm, after: max(after, 1)))
    }

    /// An alarm went off: a request is full enough, or is to be sent again.
    mutating func woke(_ index: Int, alarm: UInt64, now: UInt64) -> [Action] {
        guard !isStopped, index < shards.count, shards[index].alarm == alarm else { return [] }
        var actions: [Action] = []
        shards[index].isArmed = false
        if let flight = shards[index].flight, !flight.isSending {
            resend(index, flight, &actions)
        } else {
            pump(index, now, &actions)
        }
        return actions
    }

    func resend(_ index: Int, _ flight: Flight, _ actions: inout [Action]) {
        flight.isSending = true
        actions.append(.send(shard: index, body: flight.body, flight.message))
    }

    /// The wait after the attempts that a request has failed.
    func backoff(_ flight: Flight, hint: Duration?) -> UInt64 {
        settings.retry.delay(attempt: flight.failures, hint: hint, random: random())
    }

    // MARK: End

    /// Sends at once what waits, from now on.
    mutating func drain(now: UInt64) -> [Action] {
        guard !isStopped else { return [] }
        isDraining = true
        var actions: [Action] = []
        for index in shards.indices {
            if let flight = shards[index].flight {
                guard !flight.isSending else { continue }
                shards[index].disarm()
                resend(index, flight, &actions)
            } else {
                pump(index, now, &actions)
            }
        }
        return actions
    }

    /// Gives every batch back to the host, which knows what becomes of it.
    mutating func stop() -> [Action] {
        isStopped = true
        defer { tickets = [:] }
        return tickets.values.map {
            .settle($0.delivery, .retry(message: "the sink is stopping"))
        }
    }
}
