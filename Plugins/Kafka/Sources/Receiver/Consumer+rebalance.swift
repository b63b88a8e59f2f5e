import CKafka
import WeirSDK

/// Partitions come and go, and pause.
extension Consumer {
    /// How long partitions that go wait for what becomes of batches: the group waits as well.
    private static let patience = Duration.seconds(2)

    func rebalance(_ event: borrowing KafkaEvent, isClosing: Bool) {
        guard let list = unsafe event.partitions else { return }
        let places = unsafe list.places
        let isCooperative =
            unsafe rd_kafka_rebalance_protocol(client.raw).map {
                unsafe String(cString: $0) == "COOPERATIVE"
            } ?? false
        if event.code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS, !isClosing {
            begin(places)
            unsafe note(
                isCooperative
                    ? failure(rd_kafka_incremental_assign(client.raw, list))
                    : failure(rd_kafka_assign(client.raw, list)))
            // They wait with the others.
            if isFull { for place in places { setPause(.full, true, at: place) } }
            log.succeeded()
            host.log(.info, "group \(settings.groupID) gave this member \(places.described)")
            return
        }
        // What others have by now is theirs to commit.
        let isLost = unsafe rd_kafka_assignment_lost(client.raw) != 0
        if !isClosing, !isLost {
            waitForAnswers(until: ContinuousClock.now + Self.patience, of: Set(places))
            commitIfNeeded()
        }
        for place in places { partitions[place] = nil }
        unsafe note(
            isCooperative
                ? failure(rd_kafka_incremental_unassign(client.raw, list))
                : failure(rd_kafka_assign(client.raw, nil)))
        if !isClosing {
            host.log(.info, "group \(settings.groupID) took \(places.described) from this member")
        }
    }

    private func begin(_ places: [Place]) {
        assignments += 1
        for place in places {
            guard let (signal, encoding) = topics[place.topic] else { continue }
            partitions[place] = AssignedPartition(
                signal: signal, encoding: encoding, assignment: assignments)
        }
    }

    private func note(_ failure: KafkaFailure?) {
        if let failure { log.failed(failure.message(group: settings.groupID)) }
    }

    private func failure(_ code: rd_kafka_resp_err_t) -> KafkaFailure? {
        code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaFailure(code)
    }

    private func failure(_ error: OpaquePointer?) -> KafkaFailure? {
        guard let error = unsafe error else { return nil }
        defer { unsafe rd_kafka_error_destroy(error) }
        return unsafe KafkaFailure(
            rd_kafka_error_code(error), String(cString: rd_kafka_error_string(error)))
    }

    // MARK: Pauses

    /// Pauses all partitions when too much is under way, and lets them go on at half of it.
    func adjustPauses() {
        // What one that has stopped has begun is never done, and the others do not wait for it.
        let open = partitions.values.reduce(0) {
            $0 + ($1.pause.contains(.stopped) ? 0 : $1.ledger.openBytes)
        }
        let most = settings.maxUnacknowledged.bytes
        let isFull = self.isFull ? open > most / 2 : open >= max(1, most)
        guard isFull != self.isFull else { return }
        self.isFull = isFull
        for place in partitions.keys { setPause(.full, isFull, at: place) }
    }

    func setPause(_ reason: AssignedPartition.Pause, _ isOn: Bool, at place: Place) {
        guard var partition = partitions[place] else { return }
        let wasPaused = !partition.pause.isEmpty
        if isOn { partition.pause.insert(reason) } else { partition.pause.remove(reason) }
        partitions[place]?.pause = partition.pause
        guard wasPaused == partition.pause.isEmpty else { return }
        let list = unsafe rd_kafka_topic_partition_list_new(1)!
        defer { unsafe rd_kafka_topic_partition_list_destroy(list) }
        unsafe rd_kafka_topic_partition_list_add(list, place.topic, place.partition)
        _ =
            unsafe wasPaused
            ? rd_kafka_resume_partitions(client.raw, list)
            : rd_kafka_pause_partitions(client.raw, list)
    }

    // MARK: Positions

    /// Notes for the next commit that everything below the position is done.
    func store(_ position: Int64, at place: Place) {
        let list = unsafe rd_kafka_topic_partition_list_new(1)!
        defer { unsafe rd_kafka_topic_partition_list_destroy(list) }
        let element = unsafe rd_kafka_topic_partition_list_add(list, place.topic, place.partition)
        unsafe element?.pointee.offset = position
        // Fails only for partitions that have just gone: what is theirs comes again elsewhere.
        _ = unsafe rd_kafka_offsets_store(client.raw, list)
        hasToCommit = !settings.autocommit.enable
    }

    func commitIfNeeded() {
        guard hasToCommit else { return }
        hasToCommit = false
        _ = unsafe rd_kafka_commit(client.raw, nil, 1)
    }
}

extension UnsafeMutablePointer<rd_kafka_topic_partition_list_t> {
    fileprivate var places: [Place] {
        unsafe (0..<Int(pointee.cnt)).map { index in
            let element = unsafe pointee.elems[index]
            return unsafe Place(
                topic: String(cString: element.topic), partition: element.partition)
        }
    }
}

extension [Place] {
    fileprivate var described: String {
        if isEmpty { return "no partition" }
        let some = prefix(8).map(\.description).joined(separator: ", ")
        return count > 8 ? "\(some) and \(count - 8) more" : some
    }
}
