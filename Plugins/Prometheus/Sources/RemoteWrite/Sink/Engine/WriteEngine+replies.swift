import WeirPrometheus
import WeirSDK

extension WriteEngine {
    /// The answer to what a shard has sent.
    mutating func replied(_ index: Int, _ verdict: Verdict, now: UInt64) -> [Action] {
        guard !isStopped, index < shards.count, let flight = shards[index].flight else { return [] }
        var actions: [Action] = []
        flight.isSending = false
        switch verdict {
        case .taken(let written):
            noteSuccess(&actions)
            let missing = max(0, flight.samples - (written ?? flight.samples))
            finish(
                index, flight, rejected: missing,
                missing == 0
                    ? ""
                    : "the other side wrote \(flight.samples - missing) of "
                        + "\(flight.samples) and did not say why", &actions)
            considerSharding(now)
        case .refused(let text, let written):
            noteSuccess(&actions)
            finish(index, flight, rejected: max(0, flight.samples - written), text, &actions)
        case .retry(let hint, let text, let isTimeout):
            if retry(index, flight, hint, text, now, &actions) {
                let reason = isTimeout ? "timeout" : "retry"
                actions.append(.failed(items: items(of: flight), reason: reason))
            }
        case .fallBack(let text):
            if message == .v2 {
                actions.append(
                    .warn(
                        "\(text): going on with 1.0, set `protobuf_message: "
                            + "prometheus.WriteRequest` to begin with it"))
                message = .v1
                encoder = RemoteWriteEncoder(.v1)
            }
            encodeAgain(flight, now)
            resend(index, flight, &actions)
        case .cancelled: return actions
        }
        if shards[index].flight == nil { goOn(now, &actions) }
        return actions
    }

    /// Whether the request is sent again; if not, it has ended.
    private mutating func retry(
        _ index: Int, _ flight: Flight, _ hint: Duration?, _ text: String, _ now: UInt64,
        _ actions: inout [Action]
    ) -> Bool {
        flight.failures += 1
        if !isFailing {
            isFailing = true
            actions.append(.failing(text))
        }
        // More shards do not help one that is not served.
        reshardTo = nil
        let delay = backoff(flight, hint: hint)
        let limit = settings.retry.maxElapsedTime.clampedNanoseconds
        var end: String?
        if !settings.retry.enabled {
            end = text
        } else if limit > 0, now &- flight.began &+ delay > limit {
            end = "given up after \(flight.failures) attempts: \(text)"
        } else if isTooOld(flight, now) {
            end = text
        }
        if let end {
            finish(index, flight, rejected: flight.samples, end, &actions)
            return false
        }
        arm(index, after: isDraining ? min(delay, 200_000_000) : delay, &actions)
        return true
    }

    /// How many data points a request has: of each batch the part of its samples.
    private func items(of flight: Flight) -> Int {
        let points = flight.runs.reduce(0.0) { sum, run in
            guard let ticket = tickets[run.ticket] else { return sum }
            return sum + Double(ticket.items) * Double(run.samples) / Double(max(ticket.samples, 1))
        }
        return max(1, Int(points.rounded()))
    }

    /// Whether all of a request is beyond `sample_age_limit` while it waits.
    private func isTooOld(_ flight: Flight, _ now: UInt64) -> Bool {
        let limit = settings.queue.sampleAgeLimit.clampedNanoseconds
        return limit > 0 && now &- flight.began > limit
    }

    private mutating func noteSuccess(_ actions: inout [Action]) {
        guard isFailing else { return }
        isFailing = false
        actions.append(.recovered)
    }

    /// Ends a request: its batches lose what it held of them.
    private mutating func finish(
        _ index: Int, _ flight: Flight, rejected: Int, _ text: String, _ actions: inout [Action]
    ) {
        shards[index].flight = nil
        release(flight.records)
        var rejected = rejected
        for run in flight.runs {
            guard var ticket = tickets.removeValue(forKey: run.ticket) else { continue }
            // Which samples it were is not said: those that are missing are taken off in order.
            let share = min(rejected, run.samples)
            rejected -= share
            ticket.rejected += share
            if share > 0, ticket.message.isEmpty { ticket.message = text }
            ticket.outstanding -= run.records
            if ticket.outstanding > 0 {
                tickets[run.ticket] = ticket
            } else {
                actions.append(.settle(ticket.delivery, ticket.outcome))
            }
        }
    }

    /// After a request has ended: other shards, if their number is to change, or the next request.
    private mutating func goOn(_ now: UInt64, _ actions: inout [Action]) {
        if let count = reshardTo, shards.allSatisfy({ $0.flight == nil }) {
            reshardTo = nil
            spread(over: count, now)
        }
        for index in shards.indices { pump(index, now, &actions) }
    }

    // MARK: Shards

    /// More shards when two requests wait for each, fewer when after a minute none had been full.
    private mutating func considerSharding(_ now: UInt64) {
        let limits = settings.queue
        let waiting = shards.reduce(0) { $0 + $1.count }
        busiest = max(busiest, waiting)
        let size = limits.maxSamplesPerSend * shards.count
        if waiting > 2 * size, shards.count < limits.maxShards {
            reshardTo = min(shards.count * 2, limits.maxShards)
        } else if now &- busiestSince > 60_000_000_000 {
            if busiest < size / 4, shards.count > limits.minShards {
                reshardTo = max(shards.count / 2, limits.minShards)
            }
            (busiest, busiestSince) = (waiting, now)
        }
    }

    /// Deals what waits out to another number of shards. Nothing is under way, so that the order of
    /// each series stays.
    private mutating func spread(over count: Int, _ now: UInt64) {
        let before = shards
        shards = ContiguousArray((0..<count).map { _ in Shard() })
        for index in shards.indices {
            // An alarm of a shard that is gone is none of the new one.
            shards[index].alarm = (index < before.count ? before[index].alarm : 0) &+ 1
        }
        for old in before {
            old.forEachRun { records, ticket in
                for record in records { shards[shard(of: record.series)].append(record) }
                for index in shards.indices { shards[index].close(ticket: ticket, now: old.since) }
            }
        }
    }
}
