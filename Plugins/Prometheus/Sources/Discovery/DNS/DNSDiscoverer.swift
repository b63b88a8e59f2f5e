import Synchronization
import WeirPrometheus
import WeirSDK

/// `dns_sd_configs`: targets in the records of names. A name that does not exist, or has no such
/// records, has no targets; one whose servers do not answer keeps those that it had.
final class DNSDiscoverer: Discoverer {
    /// The answers of one look, until all are there.
    private final class Round: Sendable {
        struct Answers {
            var missing: Int
            var groups: [TargetGroup] = []
            var failures: [String] = []
        }

        private let state: Mutex<Answers>

        init(_ count: Int) { state = Mutex(Answers(missing: count)) }

        /// All answers, once this is the last.
        func add(_ group: TargetGroup?, _ failure: String?) -> Answers? {
            state.withLock { state in
                state.missing -= 1
                if let group { state.groups.append(group) }
                if let failure { state.failures.append(failure) }
                return state.missing == 0 ? state : nil
            }
        }
    }

    private let config: DNSSDConfig
    private let host: Host
    private let health: DiscoveryHealth
    private let loop: RefreshLoop

    init(_ config: DNSSDConfig, host: Host, _ health: DiscoveryHealth) {
        self.config = config
        self.host = host
        self.health = health
        loop = RefreshLoop(host, every: config.refreshInterval.duration)
    }

    func start(
        _ update: @escaping @Sendable ([TargetGroup]) -> Void
    ) throws(ComponentError) {
        guard let dns = host.dns else {
            throw .unsupported("this host has no resolver, which dns_sd_configs needs")
        }
        loop.start { [weak self] done in
            guard let self else { return done() }
            self.look(dns) { groups in
                if !groups.isEmpty, !self.loop.hasEnded { update(groups) }
                done()
            }
        }
    }

    func stop() { loop.stop() }

    private func look(_ dns: DNS, _ done: @escaping @Sendable ([TargetGroup]) -> Void) {
        let round = Round(config.names.count)
        let deadline = host.deadline(in: min(config.refreshInterval.duration, .seconds(30)))
        for name in config.names {
            let finish: @Sendable (DNS.Answer) -> Void = { [self] answer in
                let (group, failure) = result(name, answer)
                guard let all = round.add(group, failure) else { return }
                report(all.failures)
                done(all.groups)
            }
            do throws(ComponentError) {
                try dns.lookup(name, config.type, deadline: deadline, finish)
            } catch {
                finish(.failed(error))
            }
        }
    }

    private func report(_ failures: [String]) {
        if failures.isEmpty {
            health.worked()
        } else if !loop.hasEnded {
            health.failed(failures.sorted().joined(separator: "; "))
        }
    }

    private func result(_ name: String, _ answer: DNS.Answer) -> (TargetGroup?, String?) {
        switch answer {
        case .notFound: (TargetGroup(source: name), nil)
        case .found(let records):
            (TargetGroup(source: name, targets: records.map { target(name, $0) }), nil)
        case .failed(let error): (nil, "\(name): \(error.message)")
        }
    }

    private func target(_ name: String, _ record: DNS.Record) -> Labels {
        var labels = Labels([Label("__meta_dns_name", name)])
        let port = config.type == .srv ? Int(record.port) : config.port
        labels["__address__"] = hostAndPort(record.target, port)
        // The labels have the names as DNS writes them, with the final dot.
        let rooted = record.target.hasSuffix(".") ? record.target : record.target + "."
        switch config.type {
        case .srv:
            labels["__meta_dns_srv_record_target"] = rooted
            labels["__meta_dns_srv_record_port"] = String(record.port)
        case .mx: labels["__meta_dns_mx_record_target"] = rooted
        case .ns: labels["__meta_dns_ns_record_target"] = rooted
        case .a, .aaaa: break
        }
        return labels
    }
}
