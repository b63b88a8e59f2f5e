import CWeir
import CWeirSystem
import Logging
import Synchronization
import WeirSystem
import WeirTelemetry

extension ComponentInstance {
    /// Hands on a batch; where there is no room the one who has it is to come again.
    func emit(_ batch: HostBatch, error: UnsafeMutablePointer<weir_error>) -> weir_status {
        guard !room.isEmpty else { return unsafe book(batch, attempt(batch, error), error) }
        return unsafe book(batch, offer(batch, error).status, error)
    }

    /// emit(), and where there is no room the batch waits for some.
    ///
    /// - Parameters:
    ///   - patience: for how long, in nanoseconds, if what follows does not want more.
    ///   - told: called once, with what became of it, if this returns PENDING; on any thread.
    func emit(
        _ batch: HostBatch, waiting patience: UInt64,
        told: @escaping @Sendable (weir_error) -> Void, error: UnsafeMutablePointer<weir_error>
    ) -> weir_status {
        let splits = weir_call_splits()
        let (status, refusedBy) = Refusals.heeding(nil) { unsafe offer(batch, error) }
        guard let status, Self.mayWait(status, isOwned: patience == .max),
            wait(batch, patience, refusedBy, told)
        else { return unsafe book(batch, status, error) }
        // It is no longer the concern of those who called this component.
        weir_call_count_splits(splits)
        return Status.pending
    }

    /// Whether what was answered so may be tried again; a batch that its component has taken already
    /// is, whatever a plugin answers that is not for good.
    private static func mayWait(_ status: weir_status, isOwned: Bool) -> Bool {
        status == Status.retry || isOwned && !Outputs.isEnd(status)
    }

    /// Hands a batch to what follows, behind those who wait for room.
    ///
    /// - Returns: the status, `nil` if nothing follows; and who turned it down, if it has been offered
    ///   to all but those to whom something that came before is owed.
    private func offer(
        _ batch: HostBatch, _ error: UnsafeMutablePointer<weir_error>
    ) -> (status: weir_status?, refusedBy: Refusals.Record?) {
        switch room.place(batch.signal) {
        case .free:
            return (unsafe attempt(batch, error), nil)
        case .behind(var owed):
            // Whoever handed it to this component may have others wait, too.
            let outer = Refusals.current
            if let outer { owed.formUnion(outer.record) }
            let refusals = Refusals(owed)
            let status = Refusals.heeding(refusals) { unsafe attempt(batch, error) }
            outer?.add(refusals.outcome)
            return (status, refusals.outcome.own)
        case .last(let owed):
            if owed.consumers.isEmpty {
                unsafe error.pointee.set(
                    Status.retry, "others wait for room at \(key): retry later")
            } else {
                unsafe error.pointee = owed.last
            }
            return (Status.retry, nil)
        }
    }

    /// The same on a thread that may wait.
    func emitAndWait(
        _ batch: HostBatch, error: UnsafeMutablePointer<weir_error>
    ) -> weir_status {
        let answer = RoomAnswer()
        let status = unsafe emit(batch, waiting: 0, told: answer.give, error: error)
        guard status == Status.pending else { return status }
        unsafe error.pointee = answer.wait()
        return unsafe error.pointee.status
    }

    private func wait(
        _ batch: HostBatch, _ patience: UInt64, _ refusedBy: Refusals.Record?,
        _ told: @escaping @Sendable (weir_error) -> Void
    ) -> Bool {
        let patience = max(patience, self.patience(batch.signal))
        guard patience > 0, !isStopping else { return false }
        let now = services.time.monotonicNano
        let until = now.addingReportingOverflow(patience)
        let guest = WaitingRoom.Guest(
            batch: batch, sinceNano: now, untilNano: until.overflow ? .max : until.partialValue,
            told: told)
        guard room.admit(guest, refusedBy: refusedBy) else { return false }
        services.bell.tell(self)
        return true
    }

    /// An event loop has others to serve.
    private static let guestsInARow = 64

    /// Tries those who wait, who has waited longest first; those of a long line in turns.
    func tryGuests() {
        room.ring()
        goOn()
    }

    /// Tries all who wait until nobody does, which should not take long: the sinks take everything.
    func emitGuests() {
        for _ in 0..<Self.longPatience where !room.isEmpty {
            room.ring()
            callBack {
                while let turn = room.next(atNano: services.time.monotonicNano) { take(turn) }
            }
            // Another thread may be at one of them.
            if !room.isEmpty { QueueDrain.pause() }
        }
        guard !room.isEmpty else { return }
        logger.warning(
            "what \(key) holds is not taken even for a reload: a sink that this one takes out gets no more of it"
        )
    }

    /// In pauses.
    private static let longPatience = 100

    private func goOn() {
        callBack {
            for _ in 0..<Self.guestsInARow {
                guard let turn = room.next(atNano: services.time.monotonicNano) else { return }
                take(turn)
            }
            guard !room.isGoingOn.exchange(true, ordering: .acquiringAndReleasing) else { return }
            _ = services.time.schedule(afterNano: 0) {
                self.room.isGoingOn.store(false, ordering: .releasing)
                self.goOn()
            }
        }
    }

    private func take(_ turn: WaitingRoom.Turn) {
        let guest = turn.guest
        var error = weir_error.make()
        let refusals = Refusals(turn.refused)
        let splits = weir_call_splits()
        let before = weir_call_repeat(true)
        let status = Refusals.heeding(refusals) { unsafe attempt(guest.batch, &error) }
        _ = weir_call_repeat(before)
        let isSplit = weir_call_splits() != splits
        let outcome = refusals.outcome
        if let status, Self.mayWait(status, isOwned: guest.isOwned),
            services.time.monotonicNano < guest.untilNano,
            room.putBack(guest, outcome, isSplit: isSplit)
        {
            return
        }
        error.status = unsafe book(guest.batch, status, &error)
        room.seeOff(guest, outcome)
        tell(guest, error)
    }

    /// Tells all who wait to come back: nothing is lost, nothing was taken.
    func closeRoom() {
        for guest in room.close() {
            var error = weir_error.make()
            error.set(Status.retry, "\(key) is being stopped: send it again")
            error.status = unsafe book(guest.batch, Status.retry, &error)
            tell(guest, error)
        }
    }

    private func tell(_ guest: WaitingRoom.Guest, _ outcome: weir_error) {
        crumbed { guest.told(outcome) }
    }
}

/// An outcome for which a thread waits.
private final class RoomAnswer: Sendable {
    private let outcome = Mutex(weir_error.make())
    private let isThere = ThreadSemaphore()

    func give(_ error: weir_error) {
        outcome.withLock { $0 = error }
        isThere.signal()
    }

    func wait() -> weir_error {
        isThere.wait()
        return outcome.withLock { $0 }
    }
}
