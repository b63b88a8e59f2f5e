import WeirSDK

/// What was published over one connection and is not answered yet. Used by one thread.
final class PublishExchange {
    private struct Pending {
        var delivery: Delivery
        var subject: String
        var id: MessageIDs.ID?
    }

    let connection: NatsConnection
    private let host: Host
    private let envelope: Envelope
    private let hash: Hash?
    /// By the subject of the answer; `order` has them in the order in which they were sent, also
    /// some that are answered.
    private var pending: [String: Pending] = [:]
    private var order: [String] = []

    /// How long an answer may take where the delivery has no limit.
    private static let patience = Duration.seconds(30)
    private static let mostPending = 256

    init(_ connection: NatsConnection, _ settings: NatsSinkSettings, _ host: Host) {
        self.connection = connection
        self.host = host
        envelope = Envelope(settings: settings)
        hash = settings.deduplicate ? host.hash : nil
    }

    /// Sends what `jobs` gives, until it gives nothing more and everything is answered.
    func publish(
        _ jobs: () -> [Publisher.Job], ids: inout MessageIDs
    ) throws(ComponentError) {
        var waiting: [Publisher.Job] = []
        while true {
            waiting += jobs()
            while pending.count < Self.mostPending, !waiting.isEmpty {
                do throws(ComponentError) {
                    try send(waiting.removeFirst(), ids: &ids)
                } catch {
                    for job in waiting {
                        job.delivery.settle(.retry(message: error.message))
                    }
                    throw error
                }
            }
            if pending.isEmpty && waiting.isEmpty { return }
            do throws(ComponentError) {
                take(try connection.read(deadline: deadline), ids: &ids)
                while let next = try connection.readAtHand(deadline: deadline) {
                    take(next, ids: &ids)
                }
            } catch {
                for job in waiting { job.delivery.settle(.retry(message: error.message)) }
                throw error
            }
        }
    }

    /// Ends what is under way; it is sent again, under the same ids.
    func fail(_ why: String, ids: inout MessageIDs) {
        for reply in order {
            guard let entry = pending.removeValue(forKey: reply) else { continue }
            if let id = entry.id { ids.end(id, delivered: false) }
            entry.delivery.settle(.retry(message: why))
        }
        order = []
    }

    func checkConnection() throws(ComponentError) {
        try connection.ping(deadline: host.deadline(in: .seconds(10)))
    }

    private func send(
        _ job: Publisher.Job, ids: inout MessageIDs
    ) throws(ComponentError) {
        let payload: [UInt8]
        do throws(ComponentError) { payload = try envelope.payload(of: job.batch) } catch {
            return job.delivery.settle(Outcome(error))
        }
        let signal = job.batch.signal
        let id = hash.map { ids.take(Envelope.digest(payload, signal, $0)) }
        let headers = envelope.headers(signal, id: id?.text)
        let total = headers.count + payload.count
        guard total <= connection.info.maxPayload else {
            if let id { ids.end(id, delivered: false) }
            return job.delivery.settle(
                PublishAnswer.tooLarge(total, connection.info.maxPayload))
        }
        let subject = envelope.settings.subject(signal)
        let reply = connection.newInbox()
        pending[reply] = Pending(delivery: job.delivery, subject: subject, id: id)
        order.append(reply)
        try connection.write(
            ClientOperation.publish(subject, reply: reply, headers: headers, payload),
            deadline: deadline)
    }

    private func take(_ answer: Message, ids: inout MessageIDs) {
        guard let entry = pending.removeValue(forKey: answer.subject) else { return }
        while let first = order.first, pending[first] == nil { order.removeFirst() }
        let outcome = PublishAnswer.outcome(answer, subject: entry.subject)
        let isDelivered = if case .delivered = outcome { true } else { false }
        if let id = entry.id { ids.end(id, delivered: isDelivered) }
        entry.delivery.settle(outcome)
    }

    /// That of the oldest delivery that is under way.
    private var deadline: Deadline {
        let given = order.first.flatMap { pending[$0] }?.delivery.deadline ?? .none
        return given == .none ? host.deadline(in: Self.patience) : given
    }
}
