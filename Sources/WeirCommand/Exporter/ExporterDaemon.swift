import ArgumentParser
import CWeirSystem
import Logging
import NIOCore
import NIOPosix
import WeirConfig
import WeirJSON
import WeirNet
import WeirRuntime

/// One run of one exporter alone.
struct ExporterDaemon {
    let settings: ExporterSettings
    /// The settings that were loaded; `nil`: each request names its target.
    let loaded: JSONValue?
    let endpoint: Endpoint
    let registry: PluginRegistry
    /// TLS and users; empty: neither.
    let webConfigFile: String
    let logLevel: String

    func run() -> ExitCode {
        // Before the first thread starts: threads inherit what is blocked.
        let signals = ShutdownSignals()
        let lines = LogLines(level: Logger.Level(configured: logLevel), encoding: .console)
        let logger = Logger(label: "weir") { _ in lines }
        let web: WebFile?
        do throws(NetError) {
            web = try webConfigFile.isEmpty ? nil : WebFile(webConfigFile, logger: logger)
        } catch {
            logger.critical("--web.config.file: \(error.message)")
            return .badConfiguration
        }
        weir_allocator_tune(1, false)
        weir_crash_install()
        // A page every few seconds keeps no second loop busy.
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let blocking = NIOThreadPool(numberOfThreads: 1)
        blocking.start()
        let services = HostServices(
            time: SystemTime(group: group), group: group, blocking: blocking,
            budget: MemoryBudget(limit: System.memoryLimit / 10 * 8), logger: logger)
        var own: StandaloneExporter?
        do throws(StandaloneExporter.Failure) {
            own = try loaded.map { settings throws(StandaloneExporter.Failure) in
                try StandaloneExporter(
                    self.settings.component.type, settings: settings, registry: registry,
                    services: services)
            }
        } catch {
            // Whatever is refused here would be refused for every target that a request names.
            logger.critical("cannot start: \(error)")
            return error.isConfiguration ? .badConfiguration : .couldNotStart
        }
        if loaded == nil {
            logger.info("there is no target, so each request has to name one")
        }
        let probes = ProbeInstances(
            settings, loaded: loaded, registry: registry, services: services)
        var options = ServerOptions(endpoint: endpoint)
        options.allowsGRPC = false
        options.maxRequestBodyBytes = 1 << 16
        options.tls = web?.start.tls
        let server = HTTPServer(
            options: options, group: group,
            handler: ExporterPages(
                settings: settings, overlay: SettingOverlay(settings.component), own: own,
                probes: probes, services: services, web: web))
        do {
            let bound = try server.start().wait()
            let path =
                own == nil ? "\(settings.standalone.probe?.path ?? "")?target=..." : "/metrics"
            let address = bound.description
            let scheme = options.tls == nil ? "http" : "https"
            logger.info(
                "weir \(BuildInfo.version) exporter \(settings.standalone.name): \(scheme)://\(address)\(path)"
            )
        } catch {
            let reason = (error as? NetError)?.message ?? "\(error)"
            let isFile = (error as? NetError)?.kind == .tls
            logger.critical(
                isFile
                    ? "--web.config.file: tls_server_config: \(reason)"
                    : "cannot listen: \(reason); --listen says where")
            own?.stop()
            return isFile ? .badConfiguration : .couldNotStart
        }
        StartUpMemory.giveBack(group, blocking)
        let signal = signals.wait()
        logger.info("\(signal): ending")
        // Nobody is waiting for these answers any more; whatever fails here fails silently.
        try? server.close().wait()
        web?.users?.stop()
        own?.stop()
        for exporter in probes.all { exporter.stop() }
        return .success
    }
}
