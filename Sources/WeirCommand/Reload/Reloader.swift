import Logging
import Synchronization
import WeirConfig
import WeirNet
import WeirRuntime

/// Reads the configuration again and puts it in force, one reload after the other. What is wrong with
/// it is told, and changes nothing.
final class Reloader: Sendable {
    private struct State {
        var configuration: Configuration
        var registry: PluginRegistry
    }

    private let runtime: Runtime
    private let reader: ConfigurationReader
    private let admin: AdminServer
    private let threshold: LogLines.Threshold
    private let reporter: DiagnosticReporter
    private let state: Mutex<State>
    private let turn = Mutex(())
    /// Called with the files of each configuration that was read, whether or not it was any good.
    private let onRead: @Sendable ([String]) -> Void

    init(
        _ runtime: Runtime, reader: ConfigurationReader, configuration: Configuration,
        registry: PluginRegistry, admin: AdminServer, threshold: LogLines.Threshold,
        reporter: DiagnosticReporter, onRead: @escaping @Sendable ([String]) -> Void
    ) {
        self.runtime = runtime
        self.reader = reader
        self.admin = admin
        self.threshold = threshold
        self.reporter = reporter
        self.onRead = onRead
        state = Mutex(State(configuration: configuration, registry: registry))
    }

    /// What is in force.
    var configuration: Configuration { state.withLock { $0.configuration } }
    var registry: PluginRegistry { state.withLock { $0.registry } }
    private var services: HostServices { runtime.services }

    /// What a reload would do now. Loads no plugin, and starts nothing.
    func plan() -> ReloadOutcome {
        do throws(ConfigurationReader.Unreadable) {
            let loaded = try reader.read(after: registry)
            guard let configuration = loaded.outcome.configuration else {
                return ReloadOutcome(status: .invalid, diagnostics: loaded.outcome.diagnostics)
            }
            return ReloadOutcome(
                status: .planned, plan: runtime.planReload(configuration),
                service: changes(to: configuration), diagnostics: loaded.outcome.diagnostics)
        } catch {
            return ReloadOutcome(status: .invalid, reasons: [error.description])
        }
    }

    /// Waits for its turn, then for what it takes out to end, but not for longer than a stop would.
    ///
    /// - Parameter cause: why, for the log: "SIGHUP".
    func reload(_ cause: String) -> ReloadOutcome {
        let outcome = turn.withLock { _ in change() }
        let result: ReloadRecord.Result =
            switch outcome.status {
            case .applied: .applied
            case .unchanged, .planned: .unchanged
            case .invalid, .failed: .refused
            }
        services.reloads.add(result, atUnixNano: services.time.unixNano)
        tell(cause, outcome)
        return outcome
    }

    private func change() -> ReloadOutcome {
        let loaded: LoadedConfiguration
        do throws(ConfigurationReader.Unreadable) {
            loaded = try reader.read(after: registry)
        } catch {
            return ReloadOutcome(status: .invalid, reasons: [error.description])
        }
        onRead(loaded.files)
        let diagnostics = loaded.outcome.diagnostics
        guard let configuration = loaded.outcome.configuration else {
            return ReloadOutcome(status: .invalid, diagnostics: diagnostics)
        }
        let changes = changes(to: configuration)
        if changes.isEmpty, runtime.planReload(configuration).isEmpty {
            return ReloadOutcome(status: .unchanged)
        }
        do throws(NetError) {
            let move = try admin.prepareMove(to: configuration.service)
            do throws(Runtime.Failure) {
                let plan = try runtime.reload(
                    configuration, registry: loaded.registry,
                    waitNano: UInt64(clamping: configuration.service.drainTimeout))
                move.commit()
                services.budget.limit = configuration.service.memoryBudget
                threshold.level = Logger.Level(configured: configuration.service.logLevel)
                state.withLock {
                    $0.configuration = configuration
                    $0.registry = loaded.registry
                }
                return ReloadOutcome(
                    status: .applied, plan: plan, service: changes, diagnostics: diagnostics,
                    leaving: runtime.leaving)
            } catch {
                move.abandon()
                return refused(error)
            }
        } catch {
            return ReloadOutcome(
                status: .failed,
                reasons: ["service.telemetry.metrics.address: \(error.message)"])
        }
    }

    private func changes(to configuration: Configuration) -> ServiceChanges {
        ServiceChanges(from: self.configuration.service, to: configuration.service)
    }

    private func refused(_ failure: Runtime.Failure) -> ReloadOutcome {
        let status: ReloadOutcome.Status = failure.isConfiguration ? .invalid : .failed
        return failure.diagnostics.isEmpty
            ? ReloadOutcome(status: status, reasons: failure.reasons)
            : ReloadOutcome(status: status, diagnostics: failure.diagnostics)
    }

    // MARK: The log

    private func tell(_ cause: String, _ outcome: ReloadOutcome) {
        let logger = services.logger
        if outcome.status != .unchanged { reporter.report(outcome.diagnostics) }
        for reason in outcome.reasons { logger.error("\(cause): \(reason)") }
        switch outcome.status {
        case .planned: break
        case .unchanged: logger.info("\(cause): the configuration has not changed")
        case .invalid, .failed:
            logger.error("\(cause): the configuration stays as it was, because of what is wrong")
        case .applied:
            for fate in ReloadPlan.Fate.allCases where fate != .kept {
                for key in outcome.plan?.keys(fate) ?? [] {
                    logger.info("\(cause): \(fate.rawValue) \(key)")
                }
            }
            for key in outcome.service.needRestart {
                logger.warning("\(cause): service.\(key) needs a restart of weir to take effect")
            }
            for key in outcome.leaving {
                logger.info("\(cause): \(key) is still ending what it has begun")
            }
            let kept = outcome.plan?.keys(.kept).count ?? 0
            logger.info(
                "\(cause): another configuration is in force",
                metadata: ["kept": "\(kept)"])
        }
    }
}
