import Synchronization
package import WeirSDK

/// Asks JetStream for messages and hands them on; one thread with one connection. It asks for no more
/// than can be handed on: what it has asked for is handed on before it asks again, and there are never
/// more messages open than the consumer allows.
final class Fetcher: Sendable {
    private struct State: Sendable {
        var isStopping = false
        var thread: RunningThread?
    }

    /// How long one request for messages stands, and so how long the end may take to be noticed.
    private static let expires = Duration.seconds(1)

    private let host: Host
    private let settings: NatsReceiverSettings
    private let connector: Connector
    private let settlements: Settlements
    private let intake: Intake
    private let log: LinkLog
    private let state = Mutex(State())

    init(
        _ settings: NatsReceiverSettings, _ settlements: Settlements, _ host: Host
    ) throws(ComponentError) {
        self.host = host
        self.settings = settings
        self.settlements = settlements
        connector = try Connector(settings.connection, host)
        intake = Intake(host, settlements)
        log = LinkLog(host)
    }

    func start() throws(ComponentError) {
        let thread = Threads.start { [self] in run() }
        guard let thread else { throw .retry("this machine has no more threads") }
        state.withLock { $0.thread = thread }
    }

    func stop() {
        let thread = state.withLock { state in
            state.isStopping = true
            return state.thread.take()
        }
        settlements.settled.ring()
        thread?.join()
    }

    private var isStopping: Bool { state.withLock { $0.isStopping } }

    private func run() {
        var pause = Pause()
        while !isStopping {
            do throws(ComponentError) {
                let connection = try connector.open()
                try settings.durable.ensure(
                    connection,
                    deadline: host.deadline(in: settings.connection.connectionTimeout))
                log.succeeded(connection.address)
                pause.reset()
                try serve(connection)
                if connection.info.isLeaving { connector.moveOn() }
            } catch {
                if isStopping || error.kind == .cancelled { continue }
                log.failed(error.message)
                connector.moveOn()
                _ = settlements.settled.wait(for: pause.next())
            }
        }
    }

    private func serve(_ connection: NatsConnection) throws(ComponentError) {
        var held: [Intake.Arrival] = []
        defer {
            // Others may have them at once.
            for arrival in held { settlements.settle(arrival.reply, .again(after: .zero)) }
        }
        var ticks = IdleTicks()
        var waiting = 0
        while !isStopping, !connection.info.isLeaving {
            let room = settings.maxAckPending - settlements.openCount
            guard room > 0 else {
                try wait(IdleTicks.length, connection, &ticks)
                continue
            }
            // One, as long as nobody knows of more: what is asked for may come when there is no
            // room.
            let count = max(1, min(waiting, min(settings.fetch, room)))
            waiting = try pull(count, connection, &held)
            try handOn(&held, connection, &ticks)
        }
    }

    /// Asks for messages and reads until they have come or the time is over.
    ///
    /// - Returns: how many still wait in the stream.
    private func pull(
        _ count: Int, _ connection: NatsConnection, _ held: inout [Intake.Arrival]
    ) throws(ComponentError) -> Int {
        let inbox = connection.newInbox()
        let deadline = host.deadline(in: Self.expires + .seconds(10))
        try connection.write(
            ClientOperation.publish(
                settings.durable.pullSubject, reply: inbox,
                ConsumerSettings.pull(count, expires: Self.expires)), deadline: deadline)
        var left = count
        var waiting = 0
        while left > 0 {
            let message = try connection.read(deadline: deadline)
            if let status = message.headers.status, message.reply == nil {
                guard message.subject == inbox else { continue }
                if try PullStatus.isOver(status, message.headers.reason) { return 0 }
                continue
            }
            guard let reply = message.reply else { continue }
            left -= 1
            waiting = messagesBehind(reply)
            settlements.open(reply)
            var arrival = Intake.Arrival(message, reply: reply)
            // In their order: one that waits for room holds up those behind it.
            if !held.isEmpty || intake.take(&arrival) != nil { held.append(arrival) }
        }
        return waiting
    }

    /// Hands on what waits for room, and goes on only when nothing does.
    private func handOn(
        _ held: inout [Intake.Arrival], _ connection: NatsConnection, _ ticks: inout IdleTicks
    ) throws(ComponentError) {
        var slept = Duration.zero
        var patience = Duration.milliseconds(2)
        while !held.isEmpty, !isStopping {
            guard let delay = intake.take(&held[0]) else {
                held.removeFirst()
                patience = .milliseconds(2)
                continue
            }
            let sleep = min(max(patience, min(delay, .milliseconds(50))), .milliseconds(250))
            _ = settlements.settled.wait(for: sleep)
            patience = min(patience * 2, .milliseconds(250))
            slept += sleep
            if slept >= IdleTicks.length {
                slept = .zero
                try ping(connection, &ticks)
            }
        }
    }

    private func wait(
        _ limit: Duration, _ connection: NatsConnection, _ ticks: inout IdleTicks
    ) throws(ComponentError) {
        if !settlements.settled.wait(for: limit) { try ping(connection, &ticks) }
    }

    private func ping(
        _ connection: NatsConnection, _ ticks: inout IdleTicks
    ) throws(ComponentError) {
        if ticks.isDue() { try connection.ping(deadline: host.deadline(in: .seconds(10))) }
    }
}

/// What JetStream says in place of messages.
package enum PullStatus {
    /// Whether a request for messages is at its end.
    package static func isOver(_ status: Int, _ reason: String) throws(ComponentError) -> Bool {
        switch status {
        case 100: return false
        case 404, 408: return true
        case 409 where reason.lowercased().contains("maxackpending"): return true
        case 503:
            throw .retry(
                "nothing answers to requests for messages: the consumer is gone, or has no leader now"
            )
        default: throw .retry("JetStream ends a request for messages: \(status) \(reason)")
        }
    }
}
