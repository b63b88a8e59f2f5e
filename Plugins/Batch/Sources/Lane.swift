import Synchronization
import WeirSDK
import WeirTelemetry

/// The batching of one signal. `consume` holds the lock for an append; batches are made and
/// emitted outside of it, on the thread whose batch made them large enough, or on the timer's. What
/// there is no room for waits in the host, which offers what comes behind it to those who have room.
final class Lane: Sendable {
    private struct State {
        var holding = Holding()
        /// Items that were taken from there, and have not been emitted yet.
        var sending = 0
        /// What came back from the host because the end is near.
        var left = 0
        /// A timer is set, or its function is running.
        var isArmed = false
        var isStopped = false
        var timer: Timer?
    }

    /// What is to be done with a batch that came in, and what was pending before it.
    private enum Step {
        case send([Batch])
        /// After these it goes on alone, as it is, and its sender is told what became of it.
        case passOn(after: [Batch])
    }

    private let signal: Signal
    private let size: Int
    private let timeout: UInt64
    private let itemBound: Int
    private let byteBound: Int
    private let host: Host
    private let timers: Timers
    private let assembler: Assembler
    private let state = Mutex(State())

    init(_ signal: Signal, _ settings: BatchSettings, _ host: Host, _ timers: Timers) {
        self.signal = signal
        size = settings.sendBatchSize
        timeout = settings.timeout.clampedNanoseconds
        itemBound = size == 0 ? Int.max : size.multipliedReportingOverflow(by: 2).0
        byteBound = settings.maxHeldBytes.bytes
        self.host = host
        self.timers = timers
        assembler = Assembler(signal: signal, maximum: settings.sendBatchMaxSize, host: host)
    }

    func add(_ batch: Batch) throws(ComponentError) {
        if batch.items == 0 { return }
        let now = host.monotonic
        switch state.withLock({ step(batch, &$0, at: now) }) {
        case .send(let ready): send(ready)
        case .passOn(let ready):
            send(ready)
            try host.emit(batch)
        }
    }

    /// Called with the lock held.
    private func step(_ batch: Batch, _ state: inout sending State, at now: UInt64) -> Step {
        // It has been here before what is pending.
        if batch.comesAgain { return .passOn(after: []) }
        let isWaiting = state.holding.isWaiting
        let isFull =
            state.holding.bytes >= byteBound || isWaiting && state.holding.items >= itemBound
        if isFull && isWaiting { return .passOn(after: takePending(&state)) }
        var ready = isFull ? takePending(&state) : []
        state.holding.add(batch, at: now)
        if timeout == 0 || size > 0 && state.holding.pendingItems >= size {
            ready += takePending(&state)
        } else {
            arm(&state, at: now)
        }
        return .send(ready)
    }

    /// Emits what is pending, whether it is due or not.
    ///
    /// - Returns: items that what follows has not taken yet.
    func flush() -> Int {
        send(state.withLock { takePending(&$0) })
        return state.withLock { $0.holding.items + $0.sending + $0.left }
    }

    /// What waits in the host has been given back when this is called.
    func stop() {
        let timer = state.withLock { state in
            state.isStopped = true
            return state.timer.take()
        }
        timer?.cancel()
        // Nothing of the timer runs any more: what is left now is all that is left.
        let left = state.withLock { state in
            let left = state.left + state.holding.pendingItems
            _ = state.holding.takePending()
            state.left = 0
            return left
        }
        host.drop(left, signal, reason: "stopped")
    }

    // MARK: Time

    /// Sets the timer for what is due next, if none is set. Called with the lock held.
    private func arm(_ state: inout sending State, at now: UInt64) {
        guard !state.isArmed, !state.isStopped, let due = state.holding.due(timeout: timeout)
        else { return }
        let delay = Duration(nanosecondCount: due > now ? due - now : 0)
        state.isArmed = true
        state.timer = timers.after(delay) { [weak self] in self?.tick() }
    }

    private func tick() {
        let now = host.monotonic
        let ready = state.withLock { state in
            let isDue = state.holding.due(timeout: timeout).map { $0 <= now } ?? false
            return isDue ? takePending(&state) : []
        }
        send(ready)
        let end = host.monotonic
        let old = state.withLock { state in
            let old = state.timer.take()
            state.isArmed = false
            arm(&state, at: end)
            return old
        }
        // Given back outside of the lock, and within its own function, as timers ask for.
        old?.cancel()
    }

    // MARK: Sending

    /// Takes what is pending, to send it. Called with the lock held.
    private func takePending(_ state: inout sending State) -> [Batch] {
        state.sending += state.holding.pendingItems
        return state.holding.takePending()
    }

    private func send(_ batches: [Batch]) {
        if batches.isEmpty { return }
        let made = assembler.assemble(batches)
        // From now on each is held until it is taken.
        state.withLock { state in
            state.sending -= batches.reduce(0) { $0 + $1.items }
            for batch in made { state.holding.wait(batch) }
        }
        for batch in made {
            do throws(ComponentError) {
                let emission = try host.emit(
                    batch, untilTaken: { [weak self] in self?.end(batch, $0) })
                if emission == .taken { end(batch, nil) }
            } catch {
                end(batch, error)
            }
        }
    }

    /// What became of a batch that was emitted.
    private func end(_ batch: Batch, _ error: ComponentError?) {
        let isFinal =
            switch error?.kind {
            case .refused, .unsupported, .invalid: true
            default: false
            }
        let isTooLate = state.withLock { state in
            state.holding.endWait(batch)
            // It is the end: what is left is counted there.
            guard error != nil, !isFinal else { return false }
            if !state.isStopped { state.left += batch.items }
            return state.isStopped
        }
        if let error, isFinal {
            host.log(
                .warning, "\(batch.items) \(signal.itemName)s were dropped: \(error.message)")
            host.drop(batch.items, signal, reason: "refused")
        } else if isTooLate {
            host.drop(batch.items, signal, reason: "stopped")
        }
    }
}
