import Synchronization
import WeirSDK
import WeirTelemetry

/// The batching of one signal. `consume` holds the lock for an append; batches are made and
/// emitted outside of it, on the thread whose batch made them large enough, or on the timer's.
final class Lane: Sendable {
    private struct State {
        var holding = Holding()
        /// Items that were taken from there and are being emitted for the first time.
        var sending = 0
        /// A timer is set, or its function is running.
        var isArmed = false
        var isStopped = false
        var timer: Timer?
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
        let result = state.withLock { state -> Result<[Batch], ComponentError> in
            if state.holding.isBlocked && state.holding.items >= itemBound
                || state.holding.bytes >= byteBound
            {
                return .failure(
                    .retry(
                        "batch holds \(state.holding.items) items in "
                            + "\(state.holding.bytes) bytes, because what follows takes no more"))
            }
            state.holding.add(batch, at: now)
            let isReady =
                !state.holding.isBlocked
                && (timeout == 0 || size > 0 && state.holding.pendingItems >= size)
            if isReady { return .success(takePending(&state)) }
            arm(&state, at: now)
            return .success([])
        }
        let ready = try result.get()
        if !ready.isEmpty { send(ready) }
    }

    /// Emits all that is held, whether it is due or not.
    ///
    /// - Returns: items that what follows did not take, or has not taken yet.
    func flush() -> Int {
        retry(evenIfEarly: true)
        let pending = state.withLock { $0.holding.isBlocked ? [] : takePending(&$0) }
        if !pending.isEmpty { send(pending) }
        return state.withLock { $0.holding.items + $0.sending }
    }

    func stop() {
        let timer = state.withLock { state in
            state.isStopped = true
            return state.timer.take()
        }
        timer?.cancel()
        // Nothing of the timer runs any more: what is left now is all that is left.
        let left = state.withLock { state in
            let blocked = state.holding.beginRetry()
            let left = blocked + state.holding.takePending()
            state.holding = Holding()
            return left.reduce(0) { $0 + $1.items }
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
        retry(evenIfEarly: false)
        let now = host.monotonic
        let ready = state.withLock { state in
            let due = state.holding.isBlocked ? nil : state.holding.due(timeout: timeout)
            return due.map { $0 <= now } ?? false ? takePending(&state) : []
        }
        if !ready.isEmpty { send(ready) }
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
        let made = assembler.assemble(batches)
        let stopped = emit(made)
        let now = host.monotonic
        state.withLock { state in
            state.sending -= batches.reduce(0) { $0 + $1.items }
            guard let (index, delay) = stopped else { return }
            state.holding.block(Array(made[index...]), at: now, delay: delay)
            arm(&state, at: now)
        }
    }

    /// Tries what is blocked once more.
    private func retry(evenIfEarly: Bool) {
        let now = host.monotonic
        let batches = state.withLock { state -> [Batch] in
            let holding = state.holding
            let isDue = evenIfEarly || holding.retryAt <= now
            if holding.isRetrying || holding.blocked.isEmpty || !isDue { return [] }
            return state.holding.beginRetry()
        }
        if batches.isEmpty { return }
        let stopped = emit(batches)
        let gone = batches[..<(stopped?.index ?? batches.count)]
        let left = Array(batches[gone.count...])
        let end = host.monotonic
        state.withLock { state in
            state.holding.endRetry(
                goneItems: gone.reduce(0) { $0 + $1.items },
                goneBytes: gone.reduce(0) { $0 + $1.byteCount }, left: left, at: end,
                delay: stopped?.delay)
            arm(&state, at: end)
        }
    }

    /// Emits batches in order, until one is not taken now; drops what never will be.
    ///
    /// - Returns: the index of the one that was not taken, and the delay that was asked for.
    private func emit(_ batches: [Batch]) -> (index: Int, delay: UInt64?)? {
        for (index, batch) in batches.enumerated() {
            do throws(ComponentError) {
                try host.emit(batch)
            } catch {
                switch error.kind {
                case .retry(let delay): return (index, delay?.clampedNanoseconds)
                case .timeout, .cancelled: return (index, nil)
                case .refused, .unsupported, .invalid:
                    host.log(
                        .warning,
                        "\(batch.items) \(signal.itemName)s were dropped: \(error.message)")
                    host.drop(batch.items, signal, reason: "refused")
                }
            }
        }
        return nil
    }
}
