import Synchronization
import WeirSDK

/// All backends of one sink: who they are, and how they are.
///
/// A backend that is no longer listed gets nothing new. What is on its way to it comes to its end, and
/// only then is its client closed.
final class Backends: Sendable {
    private struct State {
        var membership = Membership([])
        var retired: [Backend] = []
        var isStopped = false
    }

    private let settings: BackendSettings
    private let http: HTTPClient
    private let host: Host
    private let status: HealthReport?
    private let state = Mutex(State())
    private let reporting = Mutex(())

    init(_ settings: BackendSettings, _ http: HTTPClient, _ host: Host) {
        self.settings = settings
        self.http = http
        self.host = host
        status = host.status
    }

    var current: Membership { state.withLock { $0.membership } }
    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// The backends are now these, by `host:port`.
    func update(_ names: [String]) throws(ComponentError) {
        let wanted = Set(names)
        let (old, retired) = state.withLock { ($0.membership.backends, $0.retired) }
        guard wanted != Set(old.map(\.name)) else { return }
        // One that comes back while something is still on its way to it is the same as before.
        let known = Dictionary((old + retired).map { ($0.name, $0) }) { first, _ in first }
        var members: [Backend] = []
        for name in wanted {
            if let backend = known[name] {
                members.append(backend)
            } else {
                members.append(try Backend(name, settings, http, host))
            }
        }
        let membership = Membership(members)
        let isStopped = state.withLock { state in
            guard !state.isStopped else { return true }
            state.retired =
                (old + state.retired.filter { was in !old.contains { $0 === was } })
                .filter { !wanted.contains($0.name) }
            state.membership = membership
            return false
        }
        guard !isStopped else {
            for backend in members { backend.close() }
            return
        }
        if !old.isEmpty {
            let came = wanted.subtracting(old.map(\.name)).sorted()
            let went = Set(old.map(\.name)).subtracting(wanted).sorted()
            host.log(
                .info,
                "backends: " + (came.isEmpty ? "" : "new: \(came.joined(separator: ", ")) ")
                    + (went.isEmpty ? "" : "gone: \(went.joined(separator: ", "))"))
            report()
        }
    }

    /// Closes the clients of backends that went and have nothing under way.
    func sweep() {
        let idle = state.withLock { state in
            let split = state.retired.partition { $0.isIdle }
            defer { state.retired.removeSubrange(split...) }
            return Array(state.retired[split...])
        }
        for backend in idle { backend.close() }
    }

    func stop() {
        let all = state.withLock { state in
            state.isStopped = true
            defer {
                state.membership = Membership([])
                state.retired = []
            }
            return state.membership.backends + state.retired
        }
        for backend in all { backend.close() }
    }

    // MARK: How they are

    func failed(_ backend: Backend, after delay: Duration?, _ message: String) {
        let now = host.monotonic
        let wasUp = backend.withHealth { $0.failed(at: now, after: delay, message) }
        backend.outage.failed("\(message). Its part goes to the next backend")
        if wasUp { report() }
    }

    func answered(_ backend: Backend) {
        guard backend.withHealth({ $0.succeeded() }) else { return }
        backend.outage.succeeded("\(backend.name) takes telemetry again")
        report()
    }

    /// How long it is until a backend may be tried; `nil`: one may be now, or there is none.
    var wait: Duration? {
        let now = host.monotonic
        var shortest: Duration?
        for backend in current.backends {
            guard let wait = backend.withHealth({ $0.wait(at: now) }) else { return nil }
            shortest = min(shortest ?? wait, wait)
        }
        return shortest
    }

    /// Who is down and why, for people; `nil`: nobody.
    var complaint: String? {
        let backends = current.backends
        let down = backends.compactMap { backend in
            backend.withHealth { $0.failure }.map { "\(backend.name) (\($0))" }
        }
        guard !down.isEmpty else { return nil }
        let names = down.prefix(5).joined(separator: ", ") + (down.count > 5 ? ", ..." : "")
        return down.count == backends.count
            ? "all \(backends.count) backends are down: \(names)"
            : "\(down.count) of \(backends.count) backends are down: \(names)"
    }

    private func report() {
        // In order: the last report is what holds.
        reporting.withLock { _ in
            let complaint = complaint
            status?.report(complaint == nil ? .ok : .recoverableError, complaint ?? "")
        }
    }

    /// The resolver cannot say who they are.
    func unresolved(_ message: String) {
        guard current.backends.isEmpty else { return }
        status?.report(.recoverableError, message)
    }

    /// The resolver can.
    func resolved() { report() }
}
