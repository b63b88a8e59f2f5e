import Synchronization
import WeirPrometheus
import WeirSDK

/// Holds the last point of every series and serves them for Prometheus to scrape.
final class ExpositionSink: Sink {
    private let settings: ExpositionSettings
    private let host: Host
    private let server: HTTPServer
    private let registry: Mutex<Registry>
    private let worker = Worker()
    private let listener = Mutex<Listener?>(nil)

    init(settings: ExpositionSettings, host: Host) throws(ComponentError) {
        guard let server = host.httpServer else {
            throw .unsupported(
                "this host has no weir.http-server/1, which serves the metrics: use a newer host")
        }
        self.settings = settings
        self.host = host
        self.server = server
        registry = Mutex(
            Registry(
                settings.translation, maximumSeries: settings.maximumSeries,
                expiration: settings.expiration))
    }

    func start(deadline: Deadline) throws(ComponentError) {
        let handler = MetricsHandler(settings: settings, worker: worker) { [weak self] in
            self?.snapshot() ?? []
        }
        let opened = try server.listen(settings.server, .http) { exchange, request in
            handler.answer(exchange, request)
        }
        listener.withLock { $0 = opened }
        host.log(.debug, "serves \(MetricsHandler.path) on port \(opened.port)")
    }

    func stop(deadline: Deadline) throws(ComponentError) {
        // Closing waits for handlers, so not under the lock.
        let open = listener.withLock { open in
            defer { open = nil }
            return open
        }
        open?.close(deadline: deadline)
        worker.finish()
    }

    func deliver(_ batch: Batch, _ delivery: Delivery) -> Outcome {
        let moment = host.monotonic
        var drops = DropCounts()
        var sentences: [String] = []
        for index in 0..<batch.partCount {
            let (dropped, said) = registry.withLock { registry in
                registry.take(batch.part(index), at: moment)
            }
            drops.add(dropped)
            sentences += said
        }
        for sentence in sentences { host.log(.warning, sentence) }
        return drops.total == 0
            ? .delivered() : .delivered(rejected: drops.total, message: drops.text)
    }

    private func snapshot() -> [ExpositionFamily] {
        let moment = host.monotonic
        return registry.withLock { $0.snapshot(at: moment) }
    }
}
