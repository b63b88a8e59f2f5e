import Glibc
import Logging
import NIOCore
import Synchronization
import WeirConfig
import WeirNet
import WeirRuntime
import WeirSystem

/// What can be asked of the process over HTTP: `/-/reload`, `/-/drain`, `/-/quit`.
final class AdminControl: Sendable {
    let reloader: Reloader
    private let runtime: Runtime
    /// Requests that are being worked on, each on a thread of its own.
    private let inProgress = Atomic<Int>(0)
    private static let maxInProgress = 8
    /// Who asked for the end, until that is said.
    private let quitter = Mutex<String?>(nil)

    init(_ runtime: Runtime, _ reloader: Reloader) {
        self.runtime = runtime
        self.reloader = reloader
    }

    /// False: it is none of these paths.
    func handle(_ exchange: ServerExchange) -> Bool {
        switch (exchange.path, exchange.method) {
        case ("/-/reload", "GET"), ("/-/reload", "HEAD"):
            work(exchange) { reloader in
                Self.answer(exchange, reloader.plan())
            }
        case ("/-/reload", "POST"), ("/-/reload", "PUT"):
            work(exchange) { reloader in
                Self.answer(exchange, reloader.reload("\(exchange.method) /-/reload"))
            }
        case ("/-/drain", "POST"), ("/-/drain", "PUT"):
            let asker = Self.asker(exchange)
            work(exchange) { [runtime] reloader in Self.drain(runtime, reloader, asker) }
        case ("/-/quit", "POST"), ("/-/quit", "PUT"):
            let asker = Self.asker(exchange)
            work(exchange) { _ in
                AdminAnswer(body: "Weir is ending.\n")
            } then: { [self] in
                quitter.withLock { $0 = asker }
                // What SIGTERM does, on the thread that waits for it.
                kill(getpid(), SIGTERM)
            }
        case ("/-/drain", _), ("/-/quit", _), ("/-/reload", _):
            exchange.respond(
                AdminAnswer(
                    status: 405, body: "\(exchange.method) is not allowed here: use POST\n",
                    headers: [("allow", "POST, PUT")]))
        default: return false
        }
        return true
    }

    /// What made a signal come: the request for it, if there was one.
    func cause(of signal: String) -> String {
        quitter.withLock { asker in
            defer { asker = nil }
            return asker ?? signal
        }
    }

    private static func asker(_ exchange: ServerExchange) -> String {
        "\(exchange.method) \(exchange.path) from \(exchange.head.peerDescription)"
    }

    /// For a hook that runs before the process is stopped: takes in nothing more, and answers when
    /// everything is out, or the time is over.
    private static func drain(
        _ runtime: Runtime, _ reloader: Reloader, _ asker: String
    ) -> AdminAnswer {
        let logger = runtime.services.logger
        let limit = UInt64(clamping: reloader.configuration.service.drainTimeout)
        let seconds = Double(limit) / 1e9
        logger.info("\(asker): takes in nothing more, and drains, at most \(seconds) s")
        let left = runtime.drain(withinNano: limit)
        if left.isEmpty {
            logger.info("drained: only a stop remains")
            return AdminAnswer(body: "Weir is drained.\n")
        }
        let lines = left.sorted { $0.key < $1.key }.map { "\($0.key) has \($0.value) items left" }
        logger.warning("not drained within \(seconds) s: \(lines.joined(separator: ", "))")
        return AdminAnswer(status: 503, body: lines.joined(separator: "\n") + "\n")
    }

    private static func answer(
        _ exchange: ServerExchange, _ outcome: ReloadOutcome
    ) -> AdminAnswer {
        exchange.header("accept")?.contains("json") == true
            ? AdminAnswer(status: outcome.code, json: outcome.json)
            : AdminAnswer(status: outcome.code, body: outcome.text)
    }

    private func work(
        _ exchange: ServerExchange, _ body: @escaping @Sendable (Reloader) -> AdminAnswer,
        then: @escaping @Sendable () -> Void = {}
    ) {
        // A page in somebody's browser may send requests here, but not without saying so.
        if exchange.method != "GET", exchange.header("origin") != nil {
            return exchange.respond(
                AdminAnswer(status: 403, body: "this is not for web pages: use curl, or weir\n"))
        }
        guard inProgress.add(1, ordering: .relaxed).newValue <= Self.maxInProgress else {
            inProgress.subtract(1, ordering: .relaxed)
            return exchange.respond(
                AdminAnswer(
                    status: 503, body: "\(Self.maxInProgress) such requests are under way: wait\n",
                    headers: [("retry-after", "5")]))
        }
        DetachedThread.start { [self] in
            exchange.respond(body(reloader))
            then()
            inProgress.subtract(1, ordering: .relaxed)
        }
    }
}
