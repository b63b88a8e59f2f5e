import WeirSDK
import WeirTelemetry

/// From a message to what became of it.
extension Consumer {
    func take(_ message: borrowing KafkaMessage) {
        let place = message.place
        let offset = message.offset
        guard var partition = partitions[place], !partition.pause.contains(.stopped),
            partition.ledger.begin(offset, bytes: message.byteCount)
        else { return }
        if !settings.messageMarking.after, let position = partition.ledger.finish(offset) {
            store(position, at: place)
        }
        let waiting = AssignedPartition.Waiting(offset: offset, content: .bytes(message.payload))
        // Nobody overtakes those who wait.
        guard partition.waiting.isEmpty else {
            partition.wait(waiting)
            partitions[place] = partition
            return
        }
        partitions[place] = partition
        process(waiting, at: place)
    }

    /// Tries a message; `false` if it waits again.
    @discardableResult
    private func process(_ message: AssignedPartition.Waiting, at place: Place) -> Bool {
        guard let partition = partitions[place] else { return true }
        var message = message
        do throws(ComponentError) {
            if case .bytes(let bytes) = message.content {
                let isJSON = partition.encoding == .json
                switch try host.checkMessage(bytes, as: partition.signal, isJSON: isJSON) {
                case .empty(leftOut: 0, _):
                    finish(message.offset, at: place)
                    return true
                case .malformed(let why), .empty(_, let why):
                    host.drop(1, partition.signal, reason: "malformed")
                    refused(
                        "message \(message.offset) of \(place) is no "
                            + "\(partition.signal.requestName): \(why)", message.offset, at: place)
                    return true
                case .request(let request):
                    if request.leftOut > 0 {
                        host.drop(request.leftOut, request.signal, reason: "invalid")
                        complaints.warn(
                            "left \(request.leftOut) \(request.signal.itemName)s out of message "
                                + "\(message.offset) of \(place): \(request.reason)")
                    }
                    message.content = .request(request)
                }
            }
            if case .request(let request) = message.content {
                message.content = .batch(request, try host.makeBatch(request), nil)
            }
            try emit(&message, partition, at: place)
            partitions[place]?.backoff.succeeded()
            return true
        } catch {
            return failed(error, message, at: place)
        }
    }

    private func emit(
        _ message: inout AssignedPartition.Waiting, _ partition: AssignedPartition, at place: Place
    ) throws(ComponentError) {
        guard case .batch(let request, let batch, var acknowledgement) = message.content else {
            return
        }
        guard let acknowledgements, settings.messageMarking.after else {
            try host.emit(batch)
            finish(message.offset, at: place)
            return
        }
        if acknowledgement == nil {
            acknowledgement = try acknowledgements.watch(batch)
            message.content = .batch(request, batch, acknowledgement)
        }
        try host.emit(batch)
        partitions[place]?.emitted[message.offset] = request
        acknowledgement?.whenSettled {
            [inbox, offset = message.offset, assignment = partition.assignment] error in
            inbox.post(
                Inbox.Letter(place: place, assignment: assignment, offset: offset, error: error))
        }
    }

    /// What to do with a message that was not taken.
    private func failed(
        _ error: ComponentError, _ message: AssignedPartition.Waiting, at place: Place
    ) -> Bool {
        switch error.kind {
        case .retry(let delay): wait(message, delay, at: place)
        case .cancelled, .timeout: wait(message, nil, at: place)
        case .unsupported:
            leaveTopic(of: place)
            return true
        case .refused, .invalid:
            if case .batch(let request, _, _) = message.content {
                host.drop(request.items, request.signal, reason: "refused")
            }
            refused(
                "message \(message.offset) of \(place) was refused: \(error.message)",
                message.offset, at: place)
            return true
        }
        return false
    }

    /// Holds a message, and its partition, until it is time to try again.
    private func wait(_ message: AssignedPartition.Waiting, _ delay: Duration?, at place: Place) {
        guard partitions[place] != nil else { return }
        let now = host.monotonic
        partitions[place]?.backoff.failed(at: now)
        let own = partitions[place]?.backoff.wait(at: now) ?? .zero
        partitions[place]?.retryAt = now &+ (delay ?? own).clampedNanoseconds
        partitions[place]?.wait(message)
        setPause(.retry, true, at: place)
    }

    /// Tries again what it is time for.
    func retryAll() {
        let now = host.monotonic
        for (place, partition) in partitions where !partition.waiting.isEmpty {
            guard partition.retryAt <= now, !partition.pause.contains(.stopped) else { continue }
            while let first = partitions[place]?.waiting.first {
                partitions[place]?.waiting.removeFirst()
                guard process(first, at: place) else { break }
            }
            if partitions[place]?.waiting.isEmpty == true { setPause(.retry, false, at: place) }
        }
    }

    /// Takes in what became of batches.
    func settleAll() {
        for letter in inbox.takeAll() {
            // Of a partition that went meanwhile: another member reads it again.
            guard partitions[letter.place]?.assignment == letter.assignment,
                let request = partitions[letter.place]?.emitted.removeValue(forKey: letter.offset)
            else { continue }
            guard let error = letter.error else {
                finish(letter.offset, at: letter.place)
                continue
            }
            let message = AssignedPartition.Waiting(
                offset: letter.offset, content: .request(request))
            switch error.kind {
            case .retry(let delay): wait(message, delay, at: letter.place)
            // The process ends; nothing is known, so it comes again.
            case .cancelled, .timeout: wait(message, nil, at: letter.place)
            case .refused, .invalid, .unsupported:
                // Whoever dropped it has counted it.
                refused(
                    "message \(letter.offset) of \(letter.place) was dropped on the way: "
                        + error.message, letter.offset, at: letter.place)
            }
        }
    }

    private func finish(_ offset: Int64, at place: Place) {
        guard let position = partitions[place]?.ledger.finish(offset) else { return }
        store(position, at: place)
    }

    /// A message will never be taken: it is passed over, or its partition ends there.
    private func refused(_ why: String, _ offset: Int64, at place: Place) {
        if settings.messageMarking.onError {
            complaints.warn("\(why). It is passed over")
            return finish(offset, at: place)
        }
        setPause(.stopped, true, at: place)
        partitions[place]?.waiting = []
        log.stopped(
            "\(why). \(place) stops there (message_marking.on_error: false): mend what refuses it "
                + "and restart, or move the group's offset (kafka-consumer-groups.sh "
                + "--reset-offsets)")
    }

    /// No pipeline carries the signal: the topic is left alone, and its messages stay for others.
    private func leaveTopic(of place: Place) {
        guard let (signal, _) = topics.removeValue(forKey: place.topic) else { return }
        for other in partitions.keys where other.topic == place.topic {
            setPause(.stopped, true, at: other)
        }
        host.log(
            settings.namesSignals ? .warning : .info,
            "no pipeline of this receiver carries \(signal.name): topic \(place.topic) is not read "
                + "any more, also if a reload adds such a pipeline (restart then); name the signals "
                + "to read, as `traces:` with nothing below it")
        if let failure = subscribe() { log.failed(failure.message(group: settings.groupID)) }
    }
}
