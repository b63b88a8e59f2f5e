import Synchronization
import WeirSDK

/// What one collection asks, in its order.
struct CollectionPlan {
    /// Bytes.
    private static let longestInfo = 4 << 20

    private let settings: RedisSettings
    private let host: Host
    private let target: RedisTarget
    private let streams: Streams
    private let keys: [KeyPattern]
    private let streamKeys: [KeyPattern]
    private let counted: [KeyPattern]
    private let log: SparseLog
    private let isDenialTold = Told()

    init(_ settings: RedisSettings, _ host: Host) throws(ComponentError) {
        guard let streams = host.streams else {
            throw .unsupported("this host has no streams (weir.stream/1); use a newer one")
        }
        self.settings = settings
        self.host = host
        self.streams = streams
        target = try RedisTarget(parsing: settings.endpoint)
        keys =
            try KeyPattern.list(settings.checkSingleKeys, in: "check_single_keys")
            + KeyPattern.list(settings.checkKeys, in: "check_keys")
        streamKeys =
            try KeyPattern.list(settings.checkSingleStreams, in: "check_single_streams")
            + KeyPattern.list(settings.checkStreams, in: "check_streams")
        counted = try KeyPattern.list(settings.countKeys, in: "count_keys")
        log = SparseLog(host)
    }

    /// Connects and logs in.
    ///
    /// - Parameter address: of another node of the cluster.
    func open(_ address: String?, _ deadline: Deadline) throws(ComponentError) -> RedisConnection {
        let password =
            if let path = settings.passwordFile {
                try SecretFile(path, setting: "password_file").line()
            } else {
                settings.password.flatMap { $0.isEmpty ? nil : $0 } ?? target.password
            }
        let user = settings.username.flatMap { $0.isEmpty ? nil : $0 } ?? target.username
        let connection = try RedisConnection.open(
            streams, target.streamSettings(settings, at: address), user: user, password: password,
            deadline: deadline)
        if settings.setClientName { _ = try connection.tryAsk("CLIENT", "SETNAME", "weir") }
        return connection
    }

    func run(
        _ connection: RedisConnection, _ samples: inout Samples, _ deadline: Deadline
    ) throws(ComponentError) {
        connection.deadline = deadline
        if settings.pingOnConnect {
            let began = host.monotonic
            _ = try connection.ask("PING")
            let seconds = Double(host.monotonic - began) / 1e9
            samples.add(.gauge("exporter_last_scrape_ping_time_seconds", seconds))
        }
        let checks = ServerChecks(connection: connection, settings: settings)
        var databases = try checks.configuration(&samples)
        // Very old servers know no sections.
        let reply: RESPValue
        if let all = try connection.tryAsk("INFO", "ALL") {
            reply = all
        } else {
            reply = try connection.ask("INFO")
        }
        guard let text = reply.string, !text.isEmpty else {
            throw .refused("INFO: the server's reply is empty: is it Redis?")
        }
        // Some hundred kilobytes are many; what is read here becomes metrics.
        guard text.utf8.count <= Self.longestInfo else {
            throw .refused(
                "INFO: the server's reply has \(text.utf8.count) bytes, at most \(Self.longestInfo) are "
                    + "read: is it Redis?")
        }
        let info = InfoText(text)
        let seconds = Double(host.now) / 1e9
        let report = InfoReport(
            info, now: seconds, includesSystem: settings.includeSystemMetrics)
        if info["cluster_enabled"] == "1" {
            try checks.cluster(report, &samples)
            databases = 1
        }
        samples.add(report.samples(databases: databases ?? 16))
        try checks.latency(&samples)
        try checks.slowLog(&samples)
        try lookAtKeys(connection, &samples, deadline)
        if info.lines.contains(where: { $0.section == "Sentinel" }) {
            try checks.sentinel(&samples)
        }
        if settings.exportClientList, let list = try connection.tryAsk("CLIENT", "LIST")?.string {
            samples.add(
                ClientReport.samples(
                    list, now: Int64(seconds), withPort: settings.exportClientPort))
        }
    }

    /// In a cluster each master has keys of its own, and says of others that they are elsewhere.
    private func lookAtKeys(
        _ connection: RedisConnection, _ samples: inout Samples, _ deadline: Deadline
    ) throws(ComponentError) {
        guard !keys.isEmpty || !streamKeys.isEmpty || !counted.isEmpty else { return }
        guard settings.cluster else {
            return try lookAtKeys(of: connection, &samples, deadline)
        }
        var counts: [String: Sample] = [:]
        var missing = 0
        let masters = ClusterNodes.masters(
            try connection.ask("CLUSTER", "SLOTS"), besides: target.address)
        for (index, address) in masters.enumerated() {
            var found = Samples()
            do throws(ComponentError) {
                let end = share(of: masters.count - index, deadline)
                try lookAtKeys(of: try open(address, end), &found, end)
            } catch {
                if error.kind == .cancelled { throw error }
                // One that is down is no news of the others, nor of the server that is watched.
                missing += 1
                log.warn("\(address), a node of the cluster: \(error.message)")
                continue
            }
            for sample in found.all where sample.name != "keys_count" { samples.add(sample) }
            for sample in found.all where sample.name == "keys_count" {
                counts[sample.identity, default: sample.zero].value += sample.value
            }
        }
        // A sum without one of its parts would be another number.
        guard missing == 0 else { return }
        for key in counts.keys.sorted() { counts[key].map { samples.add($0) } }
    }

    /// What the first of so many nodes may take of the time that is left.
    private func share(of count: Int, _ deadline: Deadline) -> Deadline {
        let left = host.remaining(until: deadline) ?? settings.connectionTimeout * count
        return host.deadline(in: left / count)
    }

    private func lookAtKeys(
        of connection: RedisConnection, _ samples: inout Samples, _ deadline: Deadline
    ) throws(ComponentError) {
        var checks = KeyChecks(connection, settings, host, deadline)
        for key in try checks.expand(keys) { samples.add(try checks.look(at: key) ?? []) }
        for key in try checks.expand(streamKeys) { samples.add(try checks.stream(key) ?? []) }
        samples.add(try checks.count(counted))
        if checks.isCut {
            log.warn(
                "there are more keys than max_keys (\(settings.maxKeys)): the rest is left out")
        }
        if let denied = checks.denied, isDenialTold.isFirst() {
            host.log(
                .warning,
                "keys cannot be looked at as they should be: \(denied.prefix(200)); with ACL SETUSER, "
                    + "give the user the keys (~*) and the commands (+@read)")
        }
        _ = try connection.select(0)
    }
}

/// Whether something was said already.
private final class Told: Sendable {
    private let flag = Atomic<Bool>(false)
    func isFirst() -> Bool { !flag.exchange(true, ordering: .relaxed) }
}

extension Sample {
    fileprivate var zero: Sample {
        var copy = self
        copy.value = 0
        return copy
    }
}
