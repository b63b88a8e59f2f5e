import CWeir
import Synchronization
import WeirSDK
import WeirTelemetry

/// The batches that wait for room in a fake host, in the order in which they came.
struct FakeRoom: Sendable {
    struct Guest: Sendable {
        /// A batch that is retained; an address, because a mutex guards only what can be sent.
        let batch: UInt
        let signal: UInt32
        let until: UInt64
        let told: @Sendable (weir_error) -> Void
    }

    var patience = Duration.zero
    var guests: [Guest] = []
    var timer: UInt64?
    /// Some thread is trying them.
    var isBusy = false
    /// The component is being stopped.
    var isClosed = false
}

extension FakeHost {
    /// For how long sinks that are to block make senders wait for room.
    public var patience: Duration {
        get { room.withLock { $0.patience } }
        set { room.withLock { $0.patience = newValue } }
    }

    /// Batches that wait for room: they are tried again with every millisecond of virtual time.
    public var waitingCount: Int { room.withLock { $0.guests.count } }

    fileprivate func emit(
        _ batch: UnsafePointer<weir_batch>, waiting patience: UInt64,
        _ error: UnsafeMutablePointer<weir_error>,
        _ told: @escaping @Sendable (weir_error) -> Void
    ) -> weir_status {
        let signal = unsafe batch.pointee.signal
        if !room.withLock({ $0.isBusy || $0.guests.contains { $0.signal == signal } }) {
            let status = unsafe table.pointee.emit(table, batch, error)
            if status != Status.retry { return status }
        }
        let address = UInt(bitPattern: batch)
        let now = monotonic
        // Before a timer could see it off.
        unsafe memory.retain(batch, table)
        let waits = room.withLock { room in
            let patience = max(patience, room.patience.clampedNanoseconds)
            guard patience > 0 else { return false }
            room.guests.append(
                FakeRoom.Guest(
                    batch: address, signal: signal,
                    until: patience < .max - now ? now + patience : .max, told: told))
            if room.timer == nil {
                room.timer = clock.start(delay: 1_000_000, period: 1_000_000) { [weak self] in
                    self?.tryGuests()
                }
            }
            return true
        }
        if waits { return Status.pending }
        unsafe memory.release(batch, table)
        return Status.retry
    }

    private func tryGuests() {
        let isFree = room.withLock { room in
            defer { room.isBusy = true }
            return !room.isBusy
        }
        guard isFree else { return }
        for signal in Signal.allCases {
            while let guest = takeFirst(signal) {
                var error = weir_error()
                unsafe weir_error_init(&error)
                let batch = unsafe UnsafePointer<weir_batch>(bitPattern: guest.batch)!
                error.status = unsafe table.pointee.emit(table, batch, &error)
                if error.status == Status.retry, monotonic < guest.until, putBack(guest) { break }
                leave(guest, error)
            }
        }
        room.withLock { $0.isBusy = false }
        endTimer()
    }

    private func takeFirst(_ signal: Signal) -> FakeRoom.Guest? {
        room.withLock { room in
            room.guests.firstIndex { $0.signal == signal.rawValue }
                .map { room.guests.remove(at: $0) }
        }
    }

    /// `false`: the room was closed meanwhile.
    private func putBack(_ guest: FakeRoom.Guest) -> Bool {
        room.withLock { room in
            if !room.isClosed { room.guests.insert(guest, at: 0) }
            return !room.isClosed
        }
    }

    func openRoom() { room.withLock { $0.isClosed = false } }

    /// The component is being stopped: nobody waits any longer.
    func closeRoom() {
        let guests = room.withLock { room in
            defer { room.guests = [] }
            room.isClosed = true
            return room.guests
        }
        for guest in guests {
            var error = weir_error()
            unsafe weir_error_init(&error)
            _ = unsafe ComponentError.retry("the component is being stopped").write(to: &error)
            leave(guest, error)
        }
        endTimer()
    }

    private func leave(_ guest: FakeRoom.Guest, _ outcome: weir_error) {
        guest.told(outcome)
        unsafe memory.release(UnsafePointer<weir_batch>(bitPattern: guest.batch)!, table)
    }

    private func endTimer() {
        let timer = room.withLock { room in
            room.guests.isEmpty && !room.isBusy ? room.timer.take() : nil
        }
        if let timer { clock.cancel(timer) }
    }
}

func roomTable() -> weir_room {
    unsafe weir_room(
        size: UInt32(MemoryLayout<weir_room>.size), reserved: 0,
        emit: { host, batch, patience, done, context, error in
            let host = unsafe FakeHost.of(host)
            host.checkAllowed("room.emit")
            let address = UInt(bitPattern: context)
            let done = unsafe done!
            return unsafe host.emit(batch!, waiting: patience, error!) { outcome in
                unsafe withUnsafePointer(to: outcome) {
                    unsafe done(UnsafeMutableRawPointer(bitPattern: address), $0)
                }
            }
        })
}
