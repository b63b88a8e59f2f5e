import Logging
import Synchronization
import WeirConfig
import WeirJSON
import WeirRuntime
import WeirSystem

/// The exporter of one target, and what it logs.
struct ProbeInstance: Sendable {
    let exporter: StandaloneExporter
    let log: ProbeLog
}

/// An instance of the exporter for each target that somebody asked about lately.
final class ProbeInstances: Sendable {
    static let limit = 100
    static let idle: UInt64 = 600_000_000_000

    private let settings: ExporterSettings
    private let overlay: SettingOverlay
    /// `nil`: the exporter has no probe path.
    private let credentials: ProbeCredentials?
    private let registry: PluginRegistry
    private let services: HostServices
    private let pool = Mutex(IdlePool<ProbeInstance>(limit: limit, idle: idle))
    private let sweep = Mutex<(any ScheduledCall)?>(nil)
    /// Errors of those that are gone: a total must not fall.
    private let past = Mutex<[String: Int]>([:])

    struct Failure: Error {
        let status: Int
        let text: String
    }

    /// - Parameter loaded: The settings without a query; `nil`: only a target is missing.
    init(
        _ settings: ExporterSettings, loaded: JSONValue?, registry: PluginRegistry,
        services: HostServices
    ) {
        let overlay = SettingOverlay(settings.component)
        self.settings = settings
        self.overlay = overlay
        credentials = settings.standalone.probe.map { probe in
            let base =
                loaded ?? settings.load(query: overlay.settings(probe.target, ["x"])).settings
            return ProbeCredentials(probe, base ?? .object([]), isTargetTheirs: loaded != nil)
        }
        self.registry = registry
        self.services = services
    }

    var all: [StandaloneExporter] { pool.withLock { $0.values.map(\.exporter) } }

    /// Collections that failed, by reason.
    var errors: [String: Int] {
        all.reduce(into: past.withLock { $0 }) { $0.merge($1.errors, uniquingKeysWith: +) }
    }

    /// The instance for a query, until `leave`. Blocks while one is made; one thread at a time.
    func enter(_ query: ProbeQuery) throws(Failure) -> (key: String, instance: ProbeInstance) {
        let key = query.settings.serialized()
        let now = services.time.monotonicNano
        if let known = pool.withLock({ $0.enter(key, atNano: now) }) { return (key, known) }
        let withheld = credentials?.withheld(from: query.target, overlay) ?? []
        let (loaded, diagnostics) = settings.load(
            query: withheld.reduce(query.settings) { $0.merging($1) })
        guard let loaded else {
            let errors = diagnostics.filter { $0.severity == .error }
            throw Failure(
                status: 400, text: errors.map { $0.text() }.joined(separator: "\n"))
        }
        if let refusal = credentials?.refusal(of: query.target, loaded) {
            throw Failure(status: 403, text: refusal)
        }
        guard let gone = pool.withLock({ $0.makeRoom() }) else {
            throw Failure(
                status: 503, text: "\(Self.limit) targets are being probed already: ask later\n")
        }
        end(gone)
        let log = ProbeLog()
        let handler = ProbeLogHandler(services.logger.handler, log)
        let exporter: StandaloneExporter
        do throws(StandaloneExporter.Failure) {
            exporter = try StandaloneExporter(
                settings.component.type, settings: loaded, registry: registry, services: services,
                logger: Logger(label: "weir") { _ in handler })
        } catch {
            throw Failure(status: 400, text: "\(error)\n")
        }
        let instance = ProbeInstance(exporter: exporter, log: log)
        pool.withLock { $0.insert(instance, key, atNano: now) }
        sweepLater()
        return (key, instance)
    }

    func leave(_ key: String) {
        pool.withLock { $0.leave(key, atNano: services.time.monotonicNano) }
    }

    /// While there are instances, looks once a minute for those that are idle.
    private func sweepLater() {
        sweep.withLock { sweep in
            guard sweep == nil else { return }
            sweep = services.time.schedule(afterNano: 60_000_000_000) { self.sweepNow() }
        }
    }

    private func sweepNow() {
        let now = services.time.monotonicNano
        let (gone, left) = pool.withLock { ($0.expire(atNano: now), $0.count) }
        end(gone)
        sweep.withLock { $0 = nil }
        if left > 0 { sweepLater() }
    }

    /// A plugin may take its time to stop; nobody waits for that.
    private func end(_ instances: [ProbeInstance]) {
        guard !instances.isEmpty else { return }
        let exporters = instances.map(\.exporter)
        past.withLock { past in
            for exporter in exporters { past.merge(exporter.errors, uniquingKeysWith: +) }
        }
        DetachedThread.start { for exporter in exporters { exporter.stop() } }
    }
}
