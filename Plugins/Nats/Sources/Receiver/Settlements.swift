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
        var isStopping = false
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
        connector = try Connector(settings, host)
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

    func stop() {
        let (thread, reminder) = state.withLock { state in
            state.isStopping = true
            return (state.thread.take(), state.reminder.take())
        }
        reminder?.cancel()
        bell.ring()
        thread?.join()
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

    private var isStopping: Bool { state.withLock { $0.isStopping } }

    private func run() {
        var connection: NatsConnection?
        var pause = Pause()
        var ticks = IdleTicks()
        while true {
            let isRung = bell.wait(for: connection == nil ? nil : IdleTicks.length)
            let verdicts = take()
            // What was settled until now is still told, in one go.
            if verdicts.isEmpty, isStopping { return }
            do throws(ComponentError) {
                if verdicts.isEmpty {
                    if !isRung, ticks.isDue() {
                        try connection?.ping(deadline: host.deadline(in: .seconds(10)))
                    }
                } else {
                    if connection == nil {
                        let made = try connector.open()
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
                if isStopping { return }
                log.failed("acknowledgements: \(error.message)")
                _ = bell.wait(for: pause.next())
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
        let deadline = host.deadline(in: .seconds(10))
        try connection.write(bytes, deadline: deadline)
        // The server has read all of it when it answers.
        try connection.ping(deadline: deadline)
    }
}
