import CWeir
package import Logging
import Synchronization
import WeirConfig
package import WeirJSON
import WeirTelemetry

/// One exporter without a graph, which collects when it is asked to.
package final class StandaloneExporter: Sendable {
    /// What a collection gave, as a page, which OpenMetrics wants ended.
    package struct Page: Sendable {
        package let page: ExpositionText
        /// The metrics that it has.
        package let families: Set<String>
        /// Why the collection failed; the page holds what it gave until then.
        package let failure: String?
    }

    package enum Answer: Sendable {
        case page(Page)
        /// There is no page, and why.
        case none(String)
    }

    package struct Failure: Error, Sendable, CustomStringConvertible {
        package let description: String
        /// Whether the plugin refused its settings.
        package var isConfiguration = false
    }

    /// Collections that wait for the one that runs.
    private static let maxWaiting = 16

    private let instance: ComponentInstance
    private let settings: CollectionSettings
    private let thread = CollectorThread()
    private let state = Mutex(State())

    private struct State {
        var waiting = 0
        var failures = FailureLog()
    }

    /// Makes and starts an instance.
    ///
    /// - Parameters:
    ///   - settings: normalised and with their defaults.
    ///   - logger: Where its lines go; `nil`: where those of all services go.
    package convenience init(
        _ type: String, settings: JSONValue, registry: PluginRegistry, services: HostServices,
        logger: Logger? = nil
    ) throws(Failure) {
        let library: PluginLibrary
        do throws(PluginLoadError) {
            library = try registry.library(.exporter, type)
        } catch {
            throw Failure(description: "\(error)")
        }
        guard let table = library.table(.exporter, type) else {
            throw Failure(description: "plugin \(library.manifest.id) lost the exporter \(type)")
        }
        try self.init(
            unsafe ComponentInstance(
                key: "exporter \(type)", kind: .exporter, id: type, pipeline: nil,
                plugin: library.manifest.id, table: table.pointer, services: services,
                logger: logger),
            settings: settings)
    }

    init(_ instance: ComponentInstance, settings: JSONValue) throws(Failure) {
        self.instance = instance
        self.settings = CollectionSettings(settings)
        let services = instance.services
        do throws(ComponentInstance.Failure) {
            try instance.create(settings: Array(settings.serialized().utf8))
        } catch {
            stop()
            throw Failure(description: error.description, isConfiguration: error.reason != nil)
        }
        do throws(ComponentInstance.Failure) {
            let deadline = services.time.monotonicNano + UInt64(services.controlLimit)
            try instance.start(deadlineNano: deadline)
        } catch {
            stop()
            throw Failure(description: error.description)
        }
    }

    /// Collections that failed, by reason.
    package var errors: [String: Int] { instance.counters.errors.all }

    /// Collects once, after those that were asked for before it, and answers exactly once, on any
    /// thread.
    ///
    /// - Parameters:
    ///   - within: Nanoseconds; `nil`: the setting `timeout`. The waiting counts.
    ///   - grace: How long after that the answer is that the plugin hangs.
    package func collect(
        within: UInt64?, grace: UInt64 = 1_000_000_000,
        format: MetricsPage.Format = .prometheus,
        _ answer: @escaping @Sendable (Answer) -> Void
    ) {
        let time = instance.services.time
        let limit = within ?? settings.timeout
        let deadline = time.monotonicNano + limit
        let mayWait = state.withLock { state in
            state.waiting += 1
            return state.waiting <= Self.maxWaiting
        }
        guard mayWait else {
            state.withLock { $0.waiting -= 1 }
            instance.failed("overlap")
            return answer(.none("\(Self.maxWaiting) collections are waiting already"))
        }
        let reply = Reply(answer)
        let watch = time.schedule(afterNano: limit + grace) { [self] in
            reply.give {
                instance.ignoresDeadline()
                return .none(
                    "collect() of \(instance.key) (plugin \(instance.plugin)) has not returned, and "
                        + "its deadline has passed")
            }
        }
        let isUnderWay = thread.run { [self] in
            let answer = run(deadline, format)
            state.withLock { $0.waiting -= 1 }
            watch.cancel()
            reply.give { answer }
        }
        guard !isUnderWay else { return }
        state.withLock { $0.waiting -= 1 }
        watch.cancel()
        reply.give { .none("\(instance.key) has ended, or there is no thread to be had") }
    }

    private func run(_ deadline: UInt64, _ format: MetricsPage.Format) -> Answer {
        let now = instance.services.time.monotonicNano
        guard now < deadline else {
            instance.failed("timeout")
            return .none("the time was over before the collections that came first had ended")
        }
        let collection = instance.collect(labels: settings.labels, deadlineNano: deadline)
        let line = state.withLock { state in
            collection.failure.map { state.failures.failed($0, atNano: now) }
                ?? state.failures.succeeded()
        }
        if let line {
            instance.logger.log(level: collection.failure == nil ? .info : .warning, "\(line)")
        }
        let (page, families) = collection.metrics.exposition(format)
        return .page(Page(page: page, families: families, failure: collection.failure))
    }

    /// Ends it and gives it back to the plugin; waits for the plugin, a few seconds at most.
    package func stop() {
        thread.end()
        guard instance.isMade else { return }
        let services = instance.services
        do throws(ComponentInstance.Failure) {
            try instance.stop(deadlineNano: services.time.monotonicNano + 2_000_000_000)
        } catch {
            services.logger.error("\(error)")
        }
        do throws(ComponentInstance.Failure) {
            try instance.destroy()
        } catch {
            services.logger.error("\(error)")
            // The plugin is still inside, and will use what it was given.
            _ = unsafe Unmanaged.passRetained(instance)
        }
    }
}

/// Answers once, whoever comes first.
private final class Reply: Sendable {
    private let answer: @Sendable (StandaloneExporter.Answer) -> Void
    private let isGiven = Atomic<Bool>(false)

    init(_ answer: @escaping @Sendable (StandaloneExporter.Answer) -> Void) {
        self.answer = answer
    }

    func give(_ make: () -> StandaloneExporter.Answer) {
        guard !isGiven.exchange(true, ordering: .acquiringAndReleasing) else { return }
        answer(make())
    }
}

extension MetricsPage {
    /// What a process with one exporter knows of itself.
    ///
    /// - Parameters:
    ///   - errors: Collections that failed, by reason.
    ///   - names: Families that the exporter itself has; they are left out.
    package init(exporter id: String, errors: [String: Int], without names: Set<String>) {
        self.init()
        for (reason, count) in errors.sorted(by: { $0.key < $1.key }) {
            add(.exporterErrors, [id, reason], Double(count))
        }
        add(.buildInfo, [BuildInfo.version], 1)
        addProcess(ProcessUsage.now())
        remove(names)
    }
}
