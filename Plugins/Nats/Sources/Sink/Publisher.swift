import Synchronization
import WeirSDK

/// Publishes what is submitted, in this order and without waiting for one answer before the next
/// message; one thread with one connection.
final class Publisher: Sendable {
    struct Job: Sendable {
        let batch: Batch
        let delivery: Delivery
    }

    private struct State: Sendable {
        var jobs: [Job] = []
        var isStopping = false
        /// Why nothing can be sent just now.
        var unreachable: String?
        var thread: RunningThread?
    }

    private let host: Host
    private let connector: Connector
    private let settings: NatsSinkSettings
    private let log: LinkLog
    private let state = Mutex(State())
    private let bell = Bell()

    init(_ settings: NatsSinkSettings, _ host: Host) throws(ComponentError) {
        self.settings = settings
        self.host = host
        connector = try Connector(settings.connection, host)
        log = LinkLog(host)
    }

    func start() throws(ComponentError) {
        let thread = Threads.start { [self] in run() }
        guard let thread else { throw .retry("this machine has no more threads") }
        state.withLock { $0.thread = thread }
    }

    /// Ends the thread; what is under way is told to come again.
    func stop() {
        let thread = state.withLock { state in
            state.isStopping = true
            return state.thread.take()
        }
        bell.ring()
        thread?.join()
        giveBack("the sink has been stopped")
    }

    func submit(_ batch: Batch, _ delivery: Delivery) -> Outcome {
        let outcome: Outcome = state.withLock { state in
            if state.isStopping || state.thread == nil {
                return .retry(message: "the sink has been stopped")
            }
            if let why = state.unreachable { return .retry(message: why) }
            state.jobs.append(Job(batch: batch, delivery: delivery))
            return .pending
        }
        if outcome == .pending { bell.ring() }
        return outcome
    }

    private var isStopping: Bool { state.withLock { $0.isStopping } }

    private func takeJobs() -> [Job] {
        state.withLock { state in
            defer { state.jobs = [] }
            return state.isStopping ? [] : state.jobs
        }
    }

    private func giveBack(_ why: String) {
        let jobs = state.withLock { state in
            defer { state.jobs = [] }
            return state.jobs
        }
        for job in jobs { job.delivery.settle(.retry(message: why)) }
    }

    private func run() {
        var pause = Pause()
        var exchange: PublishExchange?
        // Content is known again over connections.
        var ids = MessageIDs()
        var ticks = IdleTicks()
        while !isStopping {
            // Nothing is opened before there is something to send.
            let isRung = bell.wait(for: exchange == nil ? nil : IdleTicks.length)
            if isStopping { break }
            do throws(ComponentError) {
                if !isRung {
                    if ticks.isDue() { try exchange?.checkConnection() }
                } else {
                    if exchange == nil { exchange = try open() }
                    try exchange?.publish(takeJobs, ids: &ids)
                    pause.reset()
                }
                if exchange?.connection.info.isLeaving == true {
                    exchange = nil
                    connector.moveOn()
                }
            } catch {
                exchange?.fail(error.message, ids: &ids)
                // A connection that was there is made again at once, and then with pauses.
                let wait = pause.next()
                let isGone = exchange == nil
                exchange = nil
                ticks = IdleTicks()
                connector.moveOn()
                rest(error, isGone ? wait : .milliseconds(10))
            }
        }
        exchange?.fail("the sink has been stopped", ids: &ids)
    }

    /// Turns everything away for a while.
    private func rest(_ error: ComponentError, _ duration: Duration) {
        if error.kind != .cancelled { log.failed(error.message) }
        state.withLock { $0.unreachable = error.message }
        giveBack(error.message)
        // A bell during the pause is the end of the sink: nothing else is let in.
        _ = isStopping || bell.wait(for: duration)
        state.withLock { $0.unreachable = nil }
    }

    private func open() throws(ComponentError) -> PublishExchange {
        let connection = try connector.open()
        let deadline = host.deadline(in: settings.connection.connectionTimeout)
        if let stream = settings.streamToMake,
            try stream.ensure(connection, deadline: deadline)
        {
            host.log(.info, "made the stream \(stream.name) on \(connection.address)")
        }
        log.succeeded(connection.address)
        return PublishExchange(connection, settings, host)
    }
}
