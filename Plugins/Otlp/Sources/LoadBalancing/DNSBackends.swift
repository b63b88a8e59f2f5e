import Synchronization
import WeirSDK

/// Asks again and again which addresses a name has.
///
/// Where the answer fails or is empty, what was known stays: backends are not lost to a name server.
final class DNSBackends: Sendable {
    private static let types: [DNS.RecordType] = [.a, .aaaa]

    private struct State {
        /// By type, the addresses of the last answer.
        var known: [DNS.RecordType: [String]] = [:]
        var missing = 0
        var failures: [String] = []
        /// Whether the last look brought nothing.
        var isUnresolved = false
        var timer: Timer?
        var isStopped = false
    }

    private let settings: LoadBalancingSettings.DNSSettings
    private let port: String
    private let dns: DNS
    private let host: Host
    private let log: SparseLog
    private let backends: Backends
    private let state = Mutex(State())

    init(
        _ settings: LoadBalancingSettings.DNSSettings, defaultPort: String, _ dns: DNS,
        _ host: Host, _ backends: Backends
    ) {
        self.settings = settings
        port = settings.port ?? defaultPort
        self.dns = dns
        self.host = host
        self.backends = backends
        log = SparseLog(host)
    }

    func start() throws(ComponentError) {
        guard let timers = host.timers else {
            throw .unsupported("this host has no weir.timer/1, which resolver.dns needs")
        }
        let interval = settings.interval
        let timer = timers.after(interval, every: interval) { [weak self] in
            guard let self else { return }
            self.backends.sweep()
            self.look()
        }
        guard let timer else { throw .cancelled("the host is stopping") }
        state.withLock { $0.timer = timer }
        look()
    }

    func stop() {
        let timer = state.withLock { state in
            state.isStopped = true
            defer { state.timer = nil }
            return state.timer
        }
        timer?.cancel()
    }

    private func look() {
        let begins = state.withLock { state in
            guard state.missing == 0, !state.isStopped else { return false }
            state.missing = DNSBackends.types.count
            state.failures = []
            return true
        }
        guard begins else { return }
        let deadline = host.deadline(in: settings.timeout)
        for type in DNSBackends.types {
            do throws(ComponentError) {
                try dns.lookup(settings.hostname, type, deadline: deadline) { [weak self] in
                    self?.answered(type, $0)
                }
            } catch {
                answered(type, .failed(error))
            }
        }
    }

    private func answered(_ type: DNS.RecordType, _ answer: DNS.Answer) {
        let all = state.withLock { state -> (addresses: [String], failures: [String])? in
            switch answer {
            case .found(let records): state.known[type] = records.map(\.target)
            case .notFound: state.known[type] = []
            case .failed(let error): state.failures.append(error.message)
            }
            state.missing -= 1
            guard state.missing == 0, !state.isStopped else { return nil }
            return (DNSBackends.types.flatMap { state.known[$0] ?? [] }, state.failures)
        }
        guard let all else { return }
        guard !all.addresses.isEmpty else {
            return unresolved(
                all.failures.first.map { "cannot be looked up: \($0)" }
                    ?? "has no address: check `resolver.dns.hostname`")
        }
        if let failure = all.failures.first {
            log.warn("\(settings.hostname) cannot be looked up in full: \(failure)")
        }
        do throws(ComponentError) {
            try backends.update(
                all.addresses.map { $0.contains(":") ? "[\($0)]:\(port)" : "\($0):\(port)" })
            let wasUnresolved = state.withLock { state in
                defer { state.isUnresolved = false }
                return state.isUnresolved
            }
            if wasUnresolved { backends.resolved() }
        } catch {
            unresolved("has backends that cannot be opened: \(error.message)")
        }
    }

    private func unresolved(_ what: String) {
        state.withLock { $0.isUnresolved = true }
        let message = "\(settings.hostname) \(what)"
        log.warn("\(message). The backends stay as they were")
        backends.unresolved(message)
    }
}
