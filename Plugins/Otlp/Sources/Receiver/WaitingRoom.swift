import Synchronization
import WeirSDK
import WeirTelemetry

/// Requests that the pipelines could not take at once and that wait for room, in the order in which
/// they came, those of each signal for themselves: traces do not wait for logs. A client that waits
/// a moment for its answer is slowed down by just as much as it has to be; one that is told to come
/// back sends its whole body again.
///
/// Bounded in bytes and in time. Whoever does not fit, or waited too long, is told to come back.
final class WaitingRoom: Sendable {
    /// One request, checked and made into a batch.
    struct Guest: Sendable {
        let batch: Batch
        let acknowledgement: Acknowledgement?
        let exchange: Exchange
        let answer: @Sendable (IngestOutcome) -> Response

        func respond(_ outcome: IngestOutcome) { exchange.respond(outcome, answer) }
    }

    private struct Entry: Sendable {
        let guest: Guest
        let until: UInt64
    }

    /// Those of one signal.
    private struct Line: Sendable {
        var entries: [Entry] = []
        /// Some thread is trying the entries.
        var isBusy = false
    }

    private struct State: Sendable {
        var lines = Signal.allCases.map { _ in Line() }
        var bytes = 0
        var timer: Timer?
        var isClosed = false

        var isEmpty: Bool { lines.allSatisfy(\.entries.isEmpty) }
        /// Whether there is nothing that could be put back, either.
        var isIdle: Bool { isEmpty && !lines.contains(where: \.isBusy) }
    }

    /// How often those who wait are tried again: an emit is a call, not a request.
    private static let interval = Duration.milliseconds(2)
    private static let byteBound = 32 << 20

    private let host: Host
    private let timers: Timers?
    private let patience: UInt64
    private let state = Mutex(State())

    init(_ host: Host, patience: Duration) {
        self.host = host
        timers = host.timers
        self.patience = patience.clampedNanoseconds
    }

    /// Whether new requests have to go behind others.
    func isOccupied(_ signal: Signal) -> Bool {
        state.withLock { !$0.lines[signal.line].entries.isEmpty }
    }

    /// Answers with the outcome, now or when there is room.
    func answer(
        _ exchange: Exchange, _ outcome: IngestOutcome,
        _ response: @escaping @Sendable (IngestOutcome) -> Response
    ) {
        if case .full(let waiting) = outcome,
            admit(
                Guest(
                    batch: waiting.batch, acknowledgement: waiting.acknowledgement,
                    exchange: exchange, answer: response))
        {
            return
        }
        exchange.respond(outcome, response)
    }

    /// Lets a request wait; `false` if it has to be answered now.
    private func admit(_ guest: Guest) -> Bool {
        let patience = max(self.patience, host.patience(guest.batch.signal).clampedNanoseconds)
        guard patience > 0, let timers else { return false }
        let until = host.monotonic &+ patience
        return state.withLock { state in
            let bytes = state.bytes + guest.batch.byteCount
            guard !state.isClosed, bytes <= Self.byteBound || state.isEmpty else {
                return false
            }
            if state.timer == nil {
                state.timer = timers.after(Self.interval, every: Self.interval) { [weak self] in
                    self?.tryAll()
                }
                // No timer: the host is stopping.
                if state.timer == nil { return false }
            }
            state.lines[guest.batch.signal.line].entries.append(Entry(guest: guest, until: until))
            state.bytes = bytes
            return true
        }
    }

    private func tryAll() {
        for signal in Signal.allCases { tryAll(signal) }
    }

    private func tryAll(_ signal: Signal) {
        while let entry = takeFirst(signal) {
            do throws(ComponentError) {
                try host.emit(entry.guest.batch)
                finish(entry, IngestOutcome(taken: entry.guest.acknowledgement))
            } catch {
                guard case .retry = error.kind, host.monotonic < entry.until else {
                    finish(entry, IngestOutcome(error))
                    continue
                }
                return putBack(entry)
            }
        }
    }

    /// The entry that is first in line, unless another thread is at it. With none left, the timer
    /// ends.
    private func takeFirst(_ signal: Signal) -> Entry? {
        let (entry, timer) = state.withLock { state -> (Entry?, Timer?) in
            if state.lines[signal.line].isBusy { return (nil, nil) }
            if state.isIdle { return (nil, state.timer.take()) }
            if state.lines[signal.line].entries.isEmpty { return (nil, nil) }
            state.lines[signal.line].isBusy = true
            return (state.lines[signal.line].entries.removeFirst(), nil)
        }
        timer?.cancel()
        return entry
    }

    private func putBack(_ entry: Entry) {
        let signal = entry.guest.batch.signal
        let isClosed = state.withLock { state in
            state.lines[signal.line].isBusy = false
            if !state.isClosed { state.lines[signal.line].entries.insert(entry, at: 0) }
            return state.isClosed
        }
        if isClosed { turnAway(entry) }
    }

    private func finish(_ entry: Entry, _ outcome: IngestOutcome) {
        state.withLock { state in
            state.lines[entry.guest.batch.signal.line].isBusy = false
            state.bytes -= entry.guest.batch.byteCount
        }
        entry.guest.respond(outcome)
    }

    /// Tells all who wait to come back: nothing is lost, nothing was taken.
    func close() {
        let (entries, timer) = state.withLock { state in
            let entries = state.lines.flatMap(\.entries)
            for index in state.lines.indices { state.lines[index].entries = [] }
            state.bytes = 0
            state.isClosed = true
            return (entries, state.timer.take())
        }
        timer?.cancel()
        for entry in entries { turnAway(entry) }
    }

    private func turnAway(_ entry: Entry) {
        let outcome = IngestOutcome.unavailable(
            "the receiver is stopping", after: IngestOutcome.defaultDelay)
        entry.guest.respond(outcome)
    }
}

extension Signal {
    /// The place of its line.
    fileprivate var line: Int { Int(rawValue) - 1 }
}

extension Exchange {
    /// Answers now, or once it is known what became of the batch.
    fileprivate func respond(
        _ outcome: IngestOutcome, _ response: @escaping @Sendable (IngestOutcome) -> Response
    ) {
        guard case .awaited(let awaited) = outcome else { return respond(response(outcome)) }
        awaited.acknowledgement.whenSettled { error in
            self.respond(response(error.map(IngestOutcome.init) ?? awaited.outcome))
        }
    }
}
