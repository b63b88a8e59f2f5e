import Synchronization
import WeirPrometheus
import WeirSDK

/// The targets of one scrape config, each with its loop.
final class ScrapePool: Sendable {
    private struct State: Sendable {
        var pending: [TargetGroup] = []
        /// Whether what is pending is acted on as it comes.
        var isStarted = false
        /// When they were acted on last, and what does it next if that is too soon.
        var lastApplied: UInt64 = 0
        var timer: Timer?
        var targets = PoolTargets()
        var loops: [TargetIdentity: ScrapeLoop] = [:]
        var leaving: [ObjectIdentifier: ScrapeLoop] = [:]
        var clients: [String: Shared] = [:]
        var veto: ScrapeFailure?
        var isStopped = false
    }

    /// A client that the targets of one address share.
    private struct Shared: Sendable {
        let client: Result<Client, ScrapeFailure>
        var users = 0
    }

    /// Log lines about targets of one update that make no sense; all of them are at /targets.
    private static let mostComplaints = 3
    /// From how many targets on updates are gathered, and how long, in nanoseconds.
    static let large = 1000
    private static let pause: UInt64 = 5_000_000_000

    let job: ScrapeJob
    private let host: Host
    private let timers: Timers
    private let http: HTTPClient
    private let worker: Worker
    private let seed: UInt64
    private let state = Mutex(State())
    /// One update at a time. Held while clients are opened, which calls nothing back.
    private let updating = Mutex(())

    init(
        _ job: ScrapeJob, _ host: Host, _ timers: Timers, _ http: HTTPClient, _ worker: Worker,
        seed: UInt64
    ) {
        self.job = job
        self.host = host
        self.timers = timers
        self.http = http
        self.worker = worker
        self.seed = seed
    }

    // MARK: Targets

    /// Takes what discovery found; it is acted on when the worker comes to it, and for large pools
    /// not more often than every five seconds: a cluster changes all the time, and each change
    /// compares all targets.
    func update(_ groups: [TargetGroup]) {
        let isDue = state.withLock { state in
            let isFirst = state.pending.isEmpty
            state.pending += groups
            guard isFirst, state.isStarted, !state.isStopped, !groups.isEmpty else { return false }
            let (now, earliest) = (host.monotonic, state.lastApplied + ScrapePool.pause)
            guard state.loops.count > ScrapePool.large, now < earliest else { return true }
            let delay = Duration(nanosecondCount: earliest - now)
            state.timer = timers.after(delay) { [weak self] in self?.applyLater() }
            return false
        }
        if isDue { applyLater() }
    }

    private func applyLater() { worker.submit { [weak self] in self?.apply() } }

    /// Scrapes what is known by now, on the caller's thread, and from then on what changes.
    func start() {
        state.withLock { $0.isStarted = true }
        apply()
    }

    private func apply() { updating.withLock { _ in applyPending() } }

    private func applyPending() {
        let now = host.monotonic
        let (pending, timer) = state.withLock { state in
            defer { state.pending = [] }
            state.lastApplied = now
            return (state.pending, state.timer.take())
        }
        timer?.cancel()
        var targets = state.withLock { $0.targets }
        let failed = pending.flatMap { targets.update($0, job) }
        for failed in failed.prefix(ScrapePool.mostComplaints) {
            host.log(
                .warning,
                "job \(job.name): \(failed.message): \(Target.printable(failed.discovered))")
        }
        if failed.count > ScrapePool.mostComplaints {
            host.log(.warning, "job \(job.name): \(failed.count) targets cannot be scraped")
        }
        let wanted = targets.unique
        let veto =
            job.targetLimit > 0 && wanted.count > job.targetLimit
            ? ScrapeFailure(
                "\(wanted.count) targets, over the limit of \(job.targetLimit) (target_limit)")
            : nil
        let known = state.withLock { state in
            state.targets = targets
            state.veto = veto
            return state.loops
        }
        for (identity, loop) in known where wanted[identity] == nil {
            state.withLock { state in
                state.loops[identity] = nil
                state.leaving[ObjectIdentifier(loop)] = loop
            }
            loop.leave()
        }
        for (identity, target) in wanted where known[identity] == nil {
            guard !state.withLock({ $0.isStopped }) else { break }
            add(target, identity)
        }
    }

    private func add(_ target: Target, _ identity: TargetIdentity) {
        let loop = ScrapeLoop(
            target, job, seed: seed,
            ScrapeLoop.Context(
                host: host, timers: timers, worker: worker, client: client(for: target),
                veto: { [weak self] in self?.state.withLock { $0.veto } },
                hasSuccessor: { [weak self] loop in self?.hasTwin(of: loop) ?? true },
                gone: { [weak self] loop in self?.remove(loop) }))
        let isStopped = state.withLock { state in
            if !state.isStopped { state.loops[identity] = loop }
            return state.isStopped
        }
        if !isStopped { loop.start() }
    }

    private func hasTwin(of loop: ScrapeLoop) -> Bool {
        state.withLock { $0.loops.values.contains { $0.target.labels == loop.target.labels } }
    }

    // MARK: Clients

    private func client(for target: Target) -> Result<Client, ScrapeFailure> {
        let endpoint = target.endpoint
        let found = state.withLock { state in
            state.clients[endpoint]?.users += 1
            return state.clients[endpoint]?.client
        }
        if let found { return found }
        let made: Result<Client, ScrapeFailure>
        do throws(ComponentError) {
            let settings = job.http.hostSettings(endpoint: endpoint)
            made = .success(try http.open(settings, .http))
        } catch {
            host.log(.warning, "job \(job.name): \(target.printableURL): \(error.message)")
            made = .failure(ScrapeFailure(error.message))
        }
        state.withLock { $0.clients[endpoint] = Shared(client: made, users: 1) }
        return made
    }

    /// The loop has ended by itself. Its client is closed where waiting is no harm.
    private func remove(_ loop: ScrapeLoop) {
        let endpoint = loop.target.endpoint
        let unused = state.withLock { state -> Shared? in
            guard state.leaving.removeValue(forKey: ObjectIdentifier(loop)) != nil else {
                return nil
            }
            state.clients[endpoint]?.users -= 1
            guard state.clients[endpoint]?.users == 0 else { return nil }
            return state.clients.removeValue(forKey: endpoint)
        }
        // The loop goes along: its end may be that of the client, which waits.
        worker.submit {
            if case .success(let client)? = unused?.client { client.close() }
            withExtendedLifetime(loop) {}
        }
    }

    // MARK: Ending

    private var all: [ScrapeLoop] {
        state.withLock { Array($0.loops.values) + Array($0.leaving.values) }
    }

    /// No target is scraped any more.
    func halt() {
        let timer = state.withLock { state in
            state.isStopped = true
            return state.timer.take()
        }
        timer?.cancel()
        for loop in all { loop.halt() }
    }

    /// Tries once more what is held.
    ///
    /// - Returns: whether something still is.
    func flush() -> Bool { all.reduce(false) { $1.flush() || $0 } }

    /// Ends what is under way.
    func closeClients() {
        let clients = state.withLock { state in
            defer { state.clients = [:] }
            return state.clients.values.map(\.client)
        }
        for case .success(let client) in clients { client.close() }
    }

    /// After everything else has ended.
    func discard() {
        // One may have been opened for a target that was found while everything ended.
        closeClients()
        for loop in all { loop.discard() }
        state.withLock { state in
            state.loops = [:]
            state.leaving = [:]
        }
    }

    // MARK: Status

    var targetCount: Int { state.withLock { $0.loops.count } }

    var status: PoolStatus {
        let (loops, targets) = state.withLock { (Array($0.loops.values), $0.targets) }
        return PoolStatus(
            job: job, active: loops.map { ($0.target, $0.report) }, dropped: targets.dropped,
            droppedCount: targets.droppedCount, failed: targets.failed)
    }
}
