import CWeir
import Glibc
import Logging
import NIOPosix
import Synchronization
import WeirConfig
import WeirTelemetry

@testable import WeirRuntime

/// A component behind the real C table whose calls a test holds up or slows down.
final class ScriptedComponent: @unchecked Sendable {  // state under its mutex
    /// Where a call waits until the test lets it go.
    final class Gate: Sendable {
        private let state = Mutex((entered: false, open: false))

        func pass() {
            state.withLock { $0.entered = true }
            while !state.withLock({ $0.open }) { usleep(1000) }
        }
        func waitUntilEntered() { while !state.withLock({ $0.entered }) { usleep(1000) } }
        func leave() { state.withLock { $0.open = true } }
    }

    private struct State {
        var stop: Gate?
        var stopMicroseconds: UInt32 = 0
        var collect: Gate?
        var destroyed = 0
        var collections = 0
        /// When each collection began, in seconds of the virtual clock.
        var began: [Double] = []
        var fails = false
        var wasCancelled: Bool?
        var emitted: weir_status?
        /// What consume() does; `nil`: it passes everything on as it came.
        var consumes: (@Sendable () -> weir_status)?
        /// The flags of the batches that it was given.
        var flags: [UInt32] = []
    }

    let time: VirtualTime
    let services: HostServices
    private(set) var instance: ComponentInstance!
    private(set) var host: UnsafePointer<weir_host>?
    private let emitsInCreate: Bool
    private let state = Mutex(State())
    /// The lines of its log.
    let log = RecordedLog()

    init(
        kind: ComponentKind = .processor, time: VirtualTime = VirtualTime(),
        controlLimit: Duration = .seconds(10), emitsInCreate: Bool = false,
        names: NameResolver = .shared, acknowledges mode: AcknowledgementMode = .enqueued,
        services: HostServices? = nil
    ) {
        self.time = time
        self.emitsInCreate = emitsInCreate
        self.services =
            services
            ?? HostServices(
                time: time, group: MultiThreadedEventLoopGroup.singleton, blocking: .singleton,
                budget: MemoryBudget(limit: 1 << 20),
                logger: Logger(label: "test") { [log] _ in log },
                controlLimit: controlLimit, names: names)
        // Never freed: a call that a test holds up may use it until the end.
        let table = UnsafeMutablePointer<weir_component>.allocate(capacity: 1)
        table.initialize(to: functions)
        instance = ComponentInstance(
            key: "\(kind.rawValue) test", kind: kind, id: "test", pipeline: nil, plugin: "test",
            table: table, services: self.services, acknowledges: mode)
    }

    private var functions: weir_component {
        var component = weir_component()
        component.size = UInt32(MemoryLayout<weir_component>.size)
        component.capabilities = UInt32(WEIR_CAN_RUN_CONCURRENTLY)
        component.create = { component, host, _, out, _ in
            let instance = OpaquePointer(component!.pointee.context)!
            out!.pointee = instance
            ScriptedComponent.of(instance).created(host!)
            return Status.ok
        }
        component.start = { _, _, _ in Status.ok }
        component.stop = { instance, _, _ in
            let (gate, delay) = ScriptedComponent.of(instance).state.withLock {
                ($0.stop, $0.stopMicroseconds)
            }
            gate?.pass()
            usleep(delay)
            return Status.ok
        }
        component.destroy = { ScriptedComponent.of($0).state.withLock { $0.destroyed += 1 } }
        component.consume = { instance, batch, error in
            let own = ScriptedComponent.of(instance)
            own.state.withLock { $0.flags.append(batch!.pointee.flags) }
            if let consumes = own.state.withLock({ $0.consumes }) { return consumes() }
            return own.host!.pointee.emit(own.host, batch, error)
        }
        component.collect = { instance, metrics, _, error in
            let own = ScriptedComponent.of(instance)
            let (gate, fails) = own.state.withLock { state in
                state.began.append(Double(own.time.monotonicNano) / 1e9)
                return (state.collect, state.fails)
            }
            gate?.pass()
            own.writeUp(metrics!, fails ? 0 : 1)
            let isCancelled = own.host!.pointee.is_cancelled(own.host)
            own.state.withLock {
                $0.collections += 1
                $0.wasCancelled = isCancelled
            }
            if fails { error!.pointee.set(Status.retry, "nobody answers") }
            return fails ? Status.retry : Status.ok
        }
        component.context = Unmanaged.passUnretained(self).toOpaque()
        return component
    }

    private static func of(_ instance: OpaquePointer?) -> ScriptedComponent {
        Unmanaged.fromOpaque(UnsafeRawPointer(instance!)).takeUnretainedValue()
    }

    private func created(_ host: UnsafePointer<weir_host>) {
        self.host = host
        guard emitsInCreate else { return }
        let batch = HostBatch(signal: .traces, items: 1, parts: [], owners: [])
        var error = weir_error.make()
        let status = host.pointee.emit(host, batch.pointer, &error)
        state.withLock { $0.emitted = status }
    }

    private func writeUp(_ metrics: UnsafeMutablePointer<weir_metrics>, _ value: Int64) {
        let name: StaticString = "up"
        var info = weir_metric_info()
        info.size = UInt32(MemoryLayout<weir_metric_info>.size)
        info.type = UInt32(WEIR_GAUGE)
        info.name = weir_slice(data: name.utf8Start, length: name.utf8CodeUnitCount)
        let metric = metrics.pointee.metric(metrics, &info)
        metrics.pointee.integer(metrics, metric, value, nil, 0)
    }

    func holdStop() -> Gate {
        let gate = Gate()
        state.withLock { $0.stop = gate }
        return gate
    }

    func holdCollect() -> Gate {
        let gate = Gate()
        state.withLock { $0.collect = gate }
        return gate
    }

    func consumes(_ body: @escaping @Sendable () -> weir_status) {
        state.withLock { $0.consumes = body }
    }

    func stopTakes(milliseconds: UInt32) {
        state.withLock { $0.stopMicroseconds = milliseconds * 1000 }
    }

    var flags: [UInt32] { state.withLock { $0.flags } }
    var destroyed: Int { state.withLock { $0.destroyed } }
    /// What the plugin was told at the end of its collect().
    var wasCancelled: Bool? { state.withLock { $0.wasCancelled } }
    var collections: Int { state.withLock { $0.collections } }
    var began: [Double] { state.withLock { $0.began } }
    func collectFails(_ fails: Bool) { state.withLock { $0.fails = fails } }
    /// Waits for the collections that a thread of the host is making.
    func waitUntilCollected(_ count: Int) { while collections < count { usleep(1000) } }
    var emitted: weir_status? { state.withLock { $0.emitted } }
}

/// A log that a test can read.
struct RecordedLog: LogHandler {
    private final class Lines: Sendable {
        let text = Mutex("")
    }

    private let lines = Lines()
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    var text: String { lines.text.withLock { $0 } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.text.withLock { $0 += "\(event.level): \(event.message)\n" }
    }
}
