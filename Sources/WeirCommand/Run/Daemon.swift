import WeirTelemetry
import ArgumentParser
import CWeirSystem
import Glibc
import Logging
import NIOCore
import NIOPosix
import WeirConfig
import WeirNet
import WeirRuntime

/// One run of a configuration, from the first plugin loaded to the ledger.
struct Daemon {
    private let configuration: Configuration
    private let registry: PluginRegistry
    private let welcome: String?
    private let logger: Logger
    private let signals: ShutdownSignals

    init(_ configuration: Configuration, registry: PluginRegistry, welcome: String?) {
        self.configuration = configuration
        self.registry = registry
        self.welcome = welcome
        // Before the first thread starts: threads inherit what is blocked.
        signals = ShutdownSignals()
        let service = configuration.service
        let lines = LogLines(
            level: Logger.Level(configured: service.logLevel),
            encoding: LogLines.Encoding(rawValue: service.logEncoding) ?? .console)
        logger = Logger(label: "weir") { _ in lines }
    }

    func run() -> ExitCode {
        weir_allocator_tune(Int32(NIOCore.System.coreCount))
        weir_crash_install()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: NIOCore.System.coreCount)
        let blocking = NIOThreadPool(numberOfThreads: 4)
        blocking.start()
        let services = HostServices(
            time: SystemTime(group: group), group: group, blocking: blocking,
            budget: MemoryBudget(limit: System.memoryLimit / 10 * 8), logger: logger)
        let runtime: Runtime
        do throws(Runtime.Failure) {
            runtime = try Runtime(configuration, registry: registry, services: services)
        } catch {
            return failed(error)
        }
        let admin = AdminServer(runtime, registry: registry, service: configuration.service)
        do {
            try admin?.start()
        } catch {
            let reason = (error as? NetError)?.message ?? "\(error)"
            logger.critical(
                "cannot serve /metrics and /health: \(reason); it is service.telemetry.metrics.address"
            )
            return .couldNotStart
        }
        do throws(Runtime.Failure) {
            try runtime.start()
        } catch {
            return failed(error)
        }
        logger.info(
            "weir \(BuildInfo.version) is ready",
            metadata: ["components": "\(runtime.instances.count)"])
        StartUpMemory.giveBack(group, blocking)
        if let welcome { Terminal.errors.line("\n\(welcome)\n") }
        let signal = signals.wait()
        let seconds = Double(configuration.service.drainTimeout) / 1e9
        logger.info("\(signal): draining, at most \(seconds) s; a second signal ends at once")
        signals.onNext { signal in
            logger.warning("\(signal): ending without waiting for the rest")
            exit(finish(Ledger(runtime)).rawValue)
        }
        runtime.stop(drainNano: UInt64(clamping: configuration.service.drainTimeout))
        admin?.stop()
        return finish(Ledger(runtime))
    }

    private func failed(_ failure: Runtime.Failure) -> ExitCode {
        guard failure.isConfiguration, !failure.diagnostics.isEmpty else {
            for reason in failure.reasons { logger.critical("cannot start: \(reason)") }
            return failure.isConfiguration ? .badConfiguration : .couldNotStart
        }
        for diagnostic in failure.diagnostics {
            if configuration.service.logEncoding == "json" {
                let (file, line) = (diagnostic.file, diagnostic.line)
                logger.critical(
                    "cannot start: \(file):\(line):\(diagnostic.column): \(diagnostic.message)",
                    metadata: ["path": "\(diagnostic.path)"])
            } else {
                Terminal.errors.line(diagnostic.text(color: Terminal.errors.isColored))
            }
        }
        if configuration.service.logEncoding != "json" {
            logger.critical("cannot start: components refuse the configuration")
        }
        return .badConfiguration
    }

    private func finish(_ ledger: Ledger) -> ExitCode {
        if configuration.service.logEncoding == "json" {
            logLedger(ledger)
        } else {
            Terminal.errors.line(ledger.text)
        }
        return ledger.lost > 0 ? .itemsLost : .success
    }
}

extension Daemon {
    /// The ledger for machines that read the log.
    private func logLedger(_ ledger: Ledger) {
        for line in ledger.lines {
            var fields: Logger.Metadata = [
                "component": "\(line.component)", "signal": "\(line.signal.name)",
                "items": "\(line.items)",
            ]
            if !line.reason.isEmpty { fields["reason"] = "\(line.reason)" }
            logger.log(
                level: line.isLost ? .error : .info, "ledger: \(line.what)", metadata: fields)
        }
        logger.log(
            level: ledger.lost > 0 ? .error : .info, "ledger: lost",
            metadata: ["items": "\(ledger.lost)"])
    }
}

extension Ledger {
    /// As `weir run` prints it at the end.
    var text: String {
        guard !lines.isEmpty else { return "ledger: no items" }
        var text = "ledger:"
        for line in lines {
            text += "\n  \(line.component): \(line.what) \(line.items) \(line.signal.itemName)"
            if line.items != 1 { text += "s" }
            if !line.reason.isEmpty { text += " (\(line.reason))" }
        }
        text += lost > 0 ? "\n  lost: \(lost) (exit status 3)" : "\n  lost: none"
        return text
    }
}
