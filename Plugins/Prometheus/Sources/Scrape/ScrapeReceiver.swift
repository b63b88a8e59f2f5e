import Glibc
import Synchronization
import WeirSDK

/// Receiver `prometheus`: finds targets, scrapes each once an interval, and emits what they expose.
final class ScrapeReceiver: Receiver {
    private let host: Host
    private let pools: [ScrapePool]
    /// The receiver's own thread.
    let worker = Worker()
    private let discovery: Discovery

    init(settings: ScrapeSettings, host: Host) throws(ComponentError) {
        guard let timers = host.timers, let http = host.httpClient else {
            throw .unsupported("this host has no timers or no HTTP client, which scraping needs")
        }
        let (worker, seed) = (self.worker, hostSeed())
        pools = try ScrapeJob.all(settings, host).map {
            ScrapePool($0, host, timers, http, worker, seed: seed)
        }
        discovery = Discovery(host: host)
        self.host = host
        for pool in pools {
            try discovery.add(pool.job.discovery) { [weak pool] in pool?.update($0) }
        }
    }

    func start(deadline: Deadline) throws(ComponentError) {
        try discovery.start()
        // What is known at once is scraped from the first interval on.
        for pool in pools { pool.start() }
        TargetBoard.shared.join(self, host)
    }

    func drain(deadline: Deadline) throws(ComponentError) {
        discovery.stop()
        for pool in pools { pool.halt() }
        let isHolding = pools.reduce(false) { $1.flush() || $0 }
        if isHolding {
            throw .retry("what was scraped last is not taken by what follows")
        }
    }

    func stop(deadline: Deadline) throws(ComponentError) {
        TargetBoard.shared.leave(self)
        discovery.stop()
        for pool in pools { pool.halt() }
        // Replies, then what the worker still reads, then what is left of it.
        for pool in pools { pool.closeClients() }
        worker.finish()
        for pool in pools { pool.discard() }
    }

    var status: [PoolStatus] { pools.map(\.status) }
    /// The ways of finding targets that fail, or of which there is something else to say.
    var notableDiscovery: [Discovery.Status] {
        discovery.status.filter { !$0.lastError.isEmpty || !$0.remark.isEmpty }
    }
    var targetCount: Int { pools.reduce(0) { $0 + $1.targetCount } }
}

/// A number that differs between hosts and stays the same on each.
private func hostSeed() -> UInt64 {
    var name = [CChar](repeating: 0, count: 256)
    unsafe gethostname(&name, name.count - 1)
    var hash = StableHash()
    hash.add(String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    return hash.value
}
