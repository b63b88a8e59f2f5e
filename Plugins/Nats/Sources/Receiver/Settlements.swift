import Synchronization
import WeirSDK

/// The messages that are not acknowledged yet, and one thread with a connection of its own that tells
/// JetStream what becomes of them: the other connection may be waiting for messages.
final class Settlements: Sendable {
    private struct State: Sendable {
        /// Subjects to which JetStream wants to be answered.
        var open: Set<String> = []
        var queue: [(reply: String, verdict: Verdict)] = []
        /// JetStream is to be told of all that are open that they are at work.
        var isReminding = false
        /// When the end is over; `nil`: it has not begun.
        var end: ContinuousClock.Instant?
        var thread: RunningThread?
        var reminder: Timer?
    }

    private let host: Host
    private let connector: Connector
    private let log: LinkLog
    private let state = Mutex(State())
    private let bell = Bell()
    /// Rung whenever a message is no longer open.
    let settled = Bell()

    init(_ settings: ConnectionSettings, _ host: Host) throws(ComponentError) {
        self.host = host
        connector = try Connector(settings, host, keptAtStop: true)
        log = LinkLog(host)
    }

    /// - Parameter ackWait: after which JetStream would deliver a message again.
    func start(ackWait: Duration) throws(ComponentError) {
        guard let timers = host.timers else {
            throw .unsupported("this host has no timers (weir.timer/1); use a newer one")
        }
        let thread = Threads.start { [self] in run() }
        guard let thread else { throw .retry("this machine has no more threads") }
        // A third: a message that came just after one round is told of before the half is over.
        let reminder = timers.after(ackWait / 3, every: ackWait / 3) { [weak self] in
            self?.remind()
        }
        state.withLock { state in
            state.thread = thread
            state.reminder = reminder
        }
    }

    var openCount: Int { state.withLock { $0.open.count } }

    func open(_ reply: String) { state.withLock { _ = $0.open.insert(reply) } }

    func settle(_ reply: String, _ verdict: Verdict) {
        state.withLock { state in
            guard state.open.remove(reply) != nil else { return }
            state.queue.append((reply, verdict))
        }
        bell.ring()
        settled.ring()
    }

    /// Nothing is said of it; JetStream delivers it again when `ack_wait` is over.
    func forget(_ reply: String) {
        state.withLock { _ = $0.open.remove(reply) }
        settled.ring()
    }

    /// Who cannot be told now is told later, and once: while no server is there, nothing piles up.
    private func remind() {
        let isAny = state.withLock { state in
            state.isReminding = !state.open.isEmpty
            return state.isReminding
        }
        if isAny { bell.ring() }
    }

    /// Waits for what becomes of the messages that were handed on, and tells of it: what is not told
    /// comes again, and is there twice. When nothing opens any more.
    func stop(within limit: Duration) {
        let end = ContinuousClock.now + limit
        // Part of the time is for telling.
        waitForAnswers(until: end - limit / 4)
        let (thread, reminder) = state.withLock { state in
            state.end = min(end, .now + Self.patience)
            return (state.thread.take(), state.reminder.take())
        }
        reminder?.cancel()
        bell.ring()
        thread?.join()
    }

    private func waitForAnswers(until end: ContinuousClock.Instant) {
        while openCount > 0 {
            let left = end - ContinuousClock.now
            guard left > .zero else { return }
            _ = settled.wait(for: left)
        }
    }

    private func take() -> [(reply: String, verdict: Verdict)] {
        state.withLock { state in
            defer {
                state.queue = []
                state.isReminding = false
            }
            guard state.isReminding else { return state.queue }
            return state.queue + state.open.map { ($0, .inProgress) }
        }
    }

    /// How long the end waits for a server: others have to stop, too.
    private static let patience = Duration.seconds(2)

    /// How long it may still take; `nil`: nobody waits for it.
    private var timeLeft: Duration? {
        state.withLock { $0.end }.map { max(.zero, $0 - ContinuousClock.now) }
    }

    private func limited(_ limit: Duration) -> Duration { min(limit, timeLeft ?? limit) }

    private func run() {
        var connection: NatsConnection?
        var pause = Pause()
        var ticks = IdleTicks()
        while true {
            let isRung = bell.wait(for: connection == nil ? nil : IdleTicks.length)
            let verdicts = take()
            // What was settled until now is still told, in one go.
            if verdicts.isEmpty, timeLeft != nil { return }
            do throws(ComponentError) {
                if verdicts.isEmpty {
                    if !isRung, ticks.isDue() {
                        try connection?.ping(deadline: host.deadline(in: limited(.seconds(5))))
                    }
                } else {
                    if connection == nil {
                        let made = try connector.open(within: limited(.seconds(3600)))
                        log.succeeded(made.address)
                        connection = made
                    }
                    if let connection { try tell(verdicts, connection) }
                    pause.reset()
                }
                if connection?.info.isLeaving == true { connection = nil }
            } catch {
                connection = nil
                ticks = IdleTicks()
                connector.moveOn()
                let last = verdicts.filter { $0.verdict != .inProgress }
                state.withLock { state in
                    state.queue = last + state.queue
                    if last.count < verdicts.count { state.isReminding = true }
                }
                log.failed("acknowledgements: \(error.message)")
                // At the end, too: a connection that was cut is no reason to say nothing.
                if timeLeft == .zero { return }
                _ = bell.wait(for: limited(pause.next()))
                // What waits is tried again without another bell.
                bell.ring()
            }
        }
    }

    private func tell(
        _ verdicts: [(reply: String, verdict: Verdict)], _ connection: NatsConnection
    ) throws(ComponentError) {
        var bytes: [UInt8] = []
        for (reply, verdict) in verdicts {
            bytes += ClientOperation.publish(reply, verdict.bytes)
        }
        let deadline = host.deadline(in: limited(.seconds(5)))
        try connection.write(bytes, deadline: deadline)
        // The server has read all of it when it answers.
        try connection.ping(deadline: deadline)
    }
}
