import Synchronization
import WeirPrometheus
import WeirSDK
import WeirTelemetry

/// The scraping of one target, from its first tick to the stale markers after its last.
///
/// Each loop has one timer at a time, which it sets anew at every tick: the host runs such a chain
/// on one thread, and the request and its answer with it, so that a target needs one connection
/// and the targets spread over the threads by themselves. That costs less than a heap of ticks of
/// our own with one timer, which would put all targets on one thread.
final class ScrapeLoop: @unchecked Sendable {
    // Sendable: `assembler` and `clock` belong to the scrape under way, of which `phase`, behind
    // the lock, admits one at a time; all else is constant or behind the lock.
    enum Phase: Sendable {
        case idle
        /// Someone works on a scrape: the network, a reader, an attempt to emit.
        case busy
        case holding(Outgoing)
    }

    enum End: Sendable {
        case none
        /// The target is gone: stale markers when its next scrape would have been.
        case leaving
        /// The next scrape would have been now.
        case due
        /// Everything ends.
        case stopped
    }

    struct State: Sendable {
        var phase = Phase.idle
        var end = End.none
        var schedule: Schedule
        var timer: Timer?
        /// Set only while something is held.
        var retry: Timer?
        var isFarewellSaid = false
        /// Reasons for leaving out samples that were in the log.
        var complaints: Set<String> = []
        var report = ScrapeReport()
    }

    let target: Target
    let job: ScrapeJob
    let context: Context
    let assembler: ScrapeAssembler
    let reportSeries: ReportSeries
    /// Of every request.
    let headers: [Header]
    var clock: ScrapeClock
    let state: Mutex<State>

    /// What a loop needs of its surroundings.
    struct Context: Sendable {
        let host: Host
        let timers: Timers
        let worker: Worker
        /// `nil`: there is none, and this is why.
        let client: Result<Client, ScrapeFailure>
        /// Why nothing of this job may be scraped; `nil` if it may.
        let veto: @Sendable () -> ScrapeFailure?
        /// Whether another target has the same labels, whose series would be taken for these.
        let hasSuccessor: @Sendable (ScrapeLoop) -> Bool
        /// The loop has ended by itself.
        let gone: @Sendable (ScrapeLoop) -> Void
    }

    /// - Parameter seed: of the host, so that two hosts with the same targets take turns.
    init(_ target: Target, _ job: ScrapeJob, seed: UInt64, _ context: Context) {
        self.target = target
        self.job = job
        self.context = context
        let labels = SeriesLabels(target, job)
        assembler = ScrapeAssembler(options: job.assembly) { labels.final($0) }
        reportSeries = ReportSeries(labels: labels.ofReport)
        headers = [
            Header("accept", job.accept),
            Header("x-prometheus-scrape-timeout-seconds", target.timeoutSeconds),
        ]
        clock = ScrapeClock(interval: target.interval)
        state = Mutex(
            State(
                schedule: Schedule(
                    interval: target.interval, seed: target.identity.stableHash ^ seed,
                    wall: context.host.now, monotonic: context.host.monotonic)))
    }

    var report: ScrapeReport { state.withLock { $0.report } }

    /// Sets the timer for the first scrape, unless the end has come before that.
    func start() {
        state.withLock { state in
            if case .none = state.end { arm(&state) }
        }
    }

    /// Sets the timer for the next tick. With the lock held.
    private func arm(_ state: inout sending State) {
        let now = context.host.monotonic
        let delay = state.schedule.due > now ? state.schedule.due - now : 0
        state.timer = context.timers.after(Duration(nanosecondCount: delay)) { [weak self] in
            self?.tick()
        }
    }

    // MARK: Ticks

    private enum Action { case nothing, scrape, farewell }

    private func tick() {
        let now = context.host.monotonic
        let (action, old, stale) = state.withLock { state -> (Action, [Timer?], Outgoing?) in
            var old = [state.timer.take()]
            guard case .none = state.end else {
                guard case .leaving = state.end else { return (.nothing, old, nil) }
                state.end = .due
                guard case .idle = state.phase else { return (.nothing, old, nil) }
                state.phase = .busy
                return (.farewell, old, nil)
            }
            state.report.skipped += state.schedule.advance(now: now)
            arm(&state)
            switch state.phase {
            case .busy:
                state.report.skipped += 1
                return (.nothing, old, nil)
            case .idle:
                state.phase = .busy
                return (.scrape, old, nil)
            case .holding(let outgoing):
                // It would be late, and later ones must not overtake it.
                state.phase = .busy
                state.report.dropped += 1
                old.append(state.retry.take())
                return (.scrape, old, outgoing)
            }
        }
        // Given back outside of the lock, and within its own function, as timers ask for.
        for timer in old { timer?.cancel() }
        stale?.drop(context.host, "full")
        switch action {
        case .nothing: break
        case .scrape: scrape()
        case .farewell: farewell()
        }
    }

    // MARK: Ending

    /// The target is gone: its series are marked stale when it would have been scraped next.
    func leave() {
        state.withLock { state in
            if case .none = state.end { state.end = .leaving }
        }
    }

    /// No tick comes any more, and nothing is said about it.
    func halt() {
        let timers = state.withLock { state in
            state.end = .stopped
            return [state.timer.take(), state.retry.take()]
        }
        for timer in timers { timer?.cancel() }
    }

    /// Tries once more what is held.
    ///
    /// - Returns: whether something still is.
    func flush() -> Bool {
        retry()
        return state.withLock { if case .holding = $0.phase { true } else { false } }
    }

    /// Drops and counts what is held. After `halt`, and when nobody works on a scrape any more.
    func discard() {
        let held = state.withLock { state -> Outgoing? in
            guard case .holding(let outgoing) = state.phase else { return nil }
            state.phase = .idle
            return outgoing
        }
        held?.drop(context.host, "stopped")
    }
}

extension Target {
    /// As Go prints it: `10`, `0.5`.
    fileprivate var timeoutSeconds: String {
        let text = "\(Double(timeout) / 1e9)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}
