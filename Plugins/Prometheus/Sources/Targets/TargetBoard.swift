import Synchronization
import WeirSDK

/// The receivers of this process whose targets are shown under one pair of paths.
///
/// The one thing in the plugin that is not an instance's: paths on the host's endpoint are unique,
/// and who looks for a target does not know which receiver has it. Prometheus, whose API this is,
/// has only one set of targets, too. No instance reaches another through it but for these pages.
final class TargetBoard: Sendable {
    static let shared = TargetBoard()

    private struct Member: Sendable {
        let receiver: ScrapeReceiver
        let host: Host
        /// Of the one member that has the paths.
        var routes: [AdminRoute] = []
    }

    private let members = Mutex<[Member]>([])
    /// One change at a time: taking a path away waits for its handlers, which read `members`.
    private let changing = Mutex(())
    /// One answer at a time: whoever leaves waits for it, because what it holds of a receiver must
    /// not outlive it. Expressions, say, belong to the receiver's host.
    private let answering = Mutex(())

    func join(_ receiver: ScrapeReceiver, _ host: Host) {
        changing.withLock { _ in
            members.withLock { $0.append(Member(receiver: receiver, host: host)) }
            serve(receiver, host)
        }
    }

    /// After this has returned, nothing asks the receiver any more.
    func leave(_ receiver: ScrapeReceiver) {
        changing.withLock { _ in
            let routes = members.withLock { members -> [AdminRoute]? in
                guard let index = members.firstIndex(where: { $0.receiver === receiver }) else {
                    return nil
                }
                return members.remove(at: index).routes
            }
            guard let routes else { return }
            answering.withLock { _ in }
            for route in routes { route.end() }
            if routes.isEmpty { return }
            for member in members.withLock({ $0 }) where member.routes.isEmpty {
                serve(member.receiver, member.host)
            }
        }
    }

    /// Takes the paths, unless another has them.
    private func serve(_ receiver: ScrapeReceiver, _ host: Host) {
        guard let admin = host.admin else { return }
        var routes: [AdminRoute] = []
        do throws(ComponentError) {
            routes.append(
                try admin.serve("/api/v1/targets") { [weak self] exchange, request in
                    self?.answer(exchange, request, asPage: false)
                })
            routes.append(
                try admin.serve("/targets") { [weak self] exchange, request in
                    self?.answer(exchange, request, asPage: true)
                })
        } catch {
            for route in routes { route.end() }
            routes = []
            let isShared = members.withLock { $0.contains { !$0.routes.isEmpty } }
            host.log(
                isShared ? .debug : .warning,
                "targets are not shown at /targets and /api/v1/targets: \(error.message)")
        }
        let taken = routes
        members.withLock { members in
            if let index = members.firstIndex(where: { $0.receiver === receiver }) {
                members[index].routes = taken
            }
        }
    }

    // MARK: Answers

    private func answer(_ exchange: Exchange, _ request: borrowing Request, asPage: Bool) {
        let method = request.method
        guard method == "GET" || method == "HEAD" else {
            return exchange.respond(
                Response(
                    code: 405, contentType: "text/plain; charset=utf-8",
                    body: Array("found \(method), expected GET\n".utf8),
                    headers: [Header("allow", "GET, HEAD")]))
        }
        let query = TargetQuery(request.query)
        let respond: @Sendable () -> Void = { exchange.respond(self.response(query, asPage)) }
        // Thousands of targets take longer than a thread that serves sockets should be held.
        if let worker = workerForMany(), worker.submit(respond) { return }
        respond()
    }

    private func workerForMany() -> Worker? {
        answering.withLock { _ in
            let all = members.withLock { $0 }
            let count = all.reduce(0) { $0 + $1.receiver.targetCount }
            return count > 500 ? all.first?.receiver.worker : nil
        }
    }

    private func response(_ query: TargetQuery, _ asPage: Bool) -> Response {
        answering.withLock { _ in
            let all = members.withLock { $0 }
            guard let now = all.first?.host.now else { return Response(code: 503) }
            let pools = all.flatMap { $0.receiver.status }
            guard asPage else { return targetsResponse(pools, query) }
            let notable = all.flatMap { $0.receiver.notableDiscovery }
            return targetsPage(pools, notable, query, now: now)
        }
    }
}
