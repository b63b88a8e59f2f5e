import CWeir
import CWeirSystem
import Synchronization
import WeirSystem
import WeirTelemetry

extension ComponentInstance {
    /// emit(), and where there is no room the batch waits for some.
    ///
    /// - Parameters:
    ///   - patience: for how long, in nanoseconds, if what follows does not want more.
    ///   - told: called once, with what became of it, if this returns PENDING; on any thread.
    func emit(
        _ batch: HostBatch, waiting patience: UInt64,
        told: @escaping @Sendable (weir_error) -> Void, error: UnsafeMutablePointer<weir_error>
    ) -> weir_status {
        guard room.isOccupied(batch.signal), !room.isSplit(batch.signal) else {
            let status = unsafe attempt(batch, error)
            guard status == Status.retry, wait(batch, patience, told) else {
                return unsafe book(batch, status, error)
            }
            return Status.pending
        }
        if wait(batch, patience, told) { return Status.pending }
        unsafe error.pointee.set(
            Status.retry, "others wait for room at \(key), and no more may wait: retry later")
        return unsafe book(batch, Status.retry, error)
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
        _ batch: HostBatch, _ patience: UInt64, _ told: @escaping @Sendable (weir_error) -> Void
    ) -> Bool {
        let patience = max(patience, self.patience(batch.signal))
        guard patience > 0, !isStopping else { return false }
        let now = services.time.monotonicNano
        let until = now.addingReportingOverflow(patience)
        let guest = WaitingRoom.Guest(
            batch: batch, sinceNano: now, untilNano: until.overflow ? .max : until.partialValue,
            told: told)
        guard room.admit(guest) else { return false }
        services.bell.tell(self)
        return true
    }

    /// An event loop has others to serve.
    private static let guestsInARow = 64

    /// Tries those who wait, who has waited longest first, each line until one of it has to wait on;
    /// those of a long line in turns.
    func tryGuests() {
        callBack {
            var lines = Signal.allCases
            for _ in 0..<Self.guestsInARow {
                guard let guest = room.next(of: lines) else { return }
                if !tried(guest) { lines.removeAll { $0 == guest.batch.signal } }
            }
            services.bell.ring()
        }
    }

    /// Whether its wait is over.
    private func tried(_ guest: WaitingRoom.Guest) -> Bool {
        var error = weir_error.make()
        let before = weir_call_repeat(true)
        let status = unsafe attempt(guest.batch, &error)
        _ = weir_call_repeat(before)
        if status == Status.retry, services.time.monotonicNano < guest.untilNano,
            room.putBack(guest)
        {
            return false
        }
        error.status = unsafe book(guest.batch, status, &error)
        room.seeOff(guest)
        tell(guest, error)
        return true
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
