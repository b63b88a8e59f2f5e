import WeirSystem
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
    private let loaded: LoadedConfiguration
    private let configuration: Configuration
    private let reader: ConfigurationReader
    private let watch: ConfigurationWatch?
    private let welcome: String?
    private let threshold: LogLines.Threshold
    private let reporter: DiagnosticReporter
    private let signals: ShutdownSignals
    private var logger: Logger { reporter.logger }

    /// - Parameters:
    ///   - configuration: Of `loaded`.
    ///   - reader: Reads the configuration again.
    ///   - watches: Whether to reload it by itself when its files change.
    init(
        _ loaded: LoadedConfiguration, _ configuration: Configuration,
        reader: ConfigurationReader, watches: Bool, welcome: String?
    ) {
        self.loaded = loaded
        self.configuration = configuration
        self.reader = reader
        self.welcome = welcome
        // Before the first thread starts: threads inherit what is blocked.
        signals = ShutdownSignals()
        let service = configuration.service
        let threshold = LogLines.Threshold(Logger.Level(configured: service.logLevel))
        let encoding = LogLines.Encoding(rawValue: service.logEncoding) ?? .console
        let lines = LogLines(threshold: threshold, encoding: encoding)
        self.threshold = threshold
        let logger = Logger(label: "weir") { _ in lines }
        reporter = DiagnosticReporter(logger: logger, isJSON: encoding == .json)
        watch = watches ? ConfigurationWatch(logger) : nil
        watch?.follow(loaded.files)
    }

    func run() -> ExitCode {
        let receives = configuration.components.contains { $0.kind == .receiver && $0.isUsed }
        weir_allocator_tune(Int32(NIOCore.System.coreCount), receives)
        weir_crash_install()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: NIOCore.System.coreCount)
        let blocking = NIOThreadPool(numberOfThreads: 4)
        blocking.start()
        let services = HostServices(
            time: SystemTime(group: group), group: group, blocking: blocking,
            budget: MemoryBudget(limit: configuration.service.memoryBudget), logger: logger)
        let runtime: Runtime
        do throws(Runtime.Failure) {
            runtime = try Runtime(configuration, registry: loaded.registry, services: services)
        } catch {
            return failed(error)
        }
        let admin = AdminServer(group: group)
        let reloader = Reloader(
            runtime, reader: reader, configuration: configuration, registry: loaded.registry,
            admin: admin, threshold: threshold, reporter: reporter,
            onRead: { [watch] in watch?.follow($0) })
        let control = AdminControl(runtime, reloader)
        admin.answer(with: AdminHandler(runtime: runtime, control: control))
        do throws(NetError) {
            try admin.start(configuration.service)
        } catch {
            logger.critical(
                "cannot serve /metrics and /health: \(error.message); it is service.telemetry.metrics.address"
            )
            return .couldNotStart
        }
        do throws(Runtime.Failure) {
            try runtime.start()
        } catch {
            return failed(error)
        }
        LoopWatchdog(services).start()
        services.reloads.began(atUnixNano: services.time.unixNano)
        logger.info(
            "weir \(BuildInfo.version) is ready",
            metadata: ["components": "\(runtime.instances.count)"])
        StartUpMemory.giveBack(group, blocking)
        if let welcome { Terminal.errors.line("\n\(welcome)\n") }
        watch?.start { _ = reloader.reload("--watch") }
        // On another thread: a signal to stop does not wait for a reload.
        let signal = signals.wait {
            DetachedThread.start { _ = reloader.reload("SIGHUP") }
        }
        return stop(runtime, control, admin, signal)
    }

    private func stop(
        _ runtime: Runtime, _ control: AdminControl, _ admin: AdminServer, _ signal: String
    ) -> ExitCode {
        let limit = control.reloader.configuration.service.drainTimeout
        let seconds = Double(limit) / 1e9
        let cause = control.cause(of: signal)
        logger.info("\(cause): draining, at most \(seconds) s; a second signal ends at once")
        signals.onNext { signal in
            let cause = control.cause(of: signal)
            logger.warning("\(cause): ending without waiting for the rest")
            exit(finish(Ledger(runtime)).rawValue)
        }
        runtime.stop(drainNano: UInt64(clamping: limit))
        admin.stop()
        return finish(Ledger(runtime))
    }

    private func failed(_ failure: Runtime.Failure) -> ExitCode {
        guard failure.isConfiguration, !failure.diagnostics.isEmpty else {
            for reason in failure.reasons { logger.critical("cannot start: \(reason)") }
            return failure.isConfiguration ? .badConfiguration : .couldNotStart
        }
        reporter.report(failure.diagnostics, prefix: "cannot start: ", level: .critical)
        if !reporter.isJSON {
            logger.critical("cannot start: components refuse the configuration")
        }
        return .badConfiguration
    }

    private func finish(_ ledger: Ledger) -> ExitCode {
        if reporter.isJSON {
            logLedger(ledger)
        } else {
            Terminal.errors.line(ledger.text)
        }
        return ledger.hasLosses ? .itemsLost : .success
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
        for kept in ledger.kept {
            logger.error(
                "ledger: in dead letters",
                metadata: [
                    "component": "\(kept.component)", "signal": "\(kept.signal.name)",
                    "items": "\(kept.items)", "path": "\(kept.path ?? "")",
                ])
        }
        for damage in ledger.damage {
            logger.error(
                "ledger: damaged",
                metadata: ["component": "\(damage.component)", "batches": "\(damage.batches)"])
        }
        logger.log(
            level: ledger.hasLosses ? .error : .info, "ledger: lost",
            metadata: [
                "items": "\(ledger.lost)", "in_dead_letters": "\(ledger.inDeadLetters)",
            ])
    }
}

extension Ledger {
    /// As `weir run` prints it at the end.
    var text: String {
        guard !lines.isEmpty || !damage.isEmpty else { return "ledger: no items" }
        var text = "ledger:"
        for line in lines {
            text += "\n  \(line.component): \(line.what) \(line.items) \(line.signal.itemName)"
            if line.items != 1 { text += "s" }
            if !line.reason.isEmpty { text += " (\(line.reason))" }
        }
        for kept in kept {
            text += "\n  \(kept.component): \(kept.items) \(kept.signal.itemName)"
            text += kept.items == 1 ? "" : "s"
            text +=
                " of those dropped lie in \(kept.path ?? "its dead-letter file"), to be sent again"
        }
        for damage in damage {
            text += "\n  \(damage.component): found \(damage.batches) damaged "
            text += damage.batches == 1 ? "batch" : "batches"
            text += " of an earlier run, now in quarantine"
        }
        guard hasLosses else { return text + "\n  lost: none" }
        var more = inDeadLetters > 0 ? ", of which \(inDeadLetters) lie in dead-letter files" : ""
        if !damage.isEmpty { more += " and what was damaged" }
        return text + "\n  lost: \(lost)\(more) (exit status 3)"
    }
}
