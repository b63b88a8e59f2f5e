import CWeir
import Synchronization
import WeirJSON
public import WeirSDK

/// One instance of a component, driven through the C table as a host drives it.
@safe public final class TestInstance: @unchecked Sendable {
    // Sendable: the tables are constant; the test keeps to the thread classes.
    let component: UnsafePointer<weir_component>
    let instance: OpaquePointer
    public let host: FakeHost
    private let isDestroyed = Mutex(false)
    private let itemsTaken = Atomic<Int>(0)

    init(
        _ component: UnsafePointer<weir_component>, _ instance: OpaquePointer, _ host: FakeHost
    ) {
        unsafe self.component = component
        unsafe self.instance = instance
        self.host = host
    }

    deinit { destroy() }

    public func start(deadline: Deadline = .none) throws(ComponentError) {
        host.openRoom()
        try unsafe check {
            unsafe component.pointee.start(instance, deadline.monotonicNanoseconds, $0)
        }
    }

    public func drain(deadline: Deadline = .none) throws(ComponentError) {
        guard let drain = unsafe component.pointee.drain else { return }
        try unsafe check { unsafe drain(instance, deadline.monotonicNanoseconds, $0) }
    }

    public func stop(deadline: Deadline = .none) throws(ComponentError) {
        host.closeRoom()
        try unsafe check {
            unsafe component.pointee.stop(instance, deadline.monotonicNanoseconds, $0)
        }
    }

    /// Destroys the instance; afterwards only the host can be looked at.
    public func destroy() {
        guard
            isDestroyed.withLock({ gone in
                defer { gone = true }; return !gone
            })
        else { return }
        host.closeRoom()
        // A host that ends knows nothing of the batches that are under way.
        while host.watchedCount > 0 { host.acknowledge(.cancelled("the host ends")) }
        host.dns.end()
        unsafe component.pointee.destroy(instance)
        host.record.withLock { $0.destroyed += 1 }
    }

    /// Gives a batch to a processor or connector.
    public func consume(_ batch: TestBatch) throws(ComponentError) {
        guard let consume = unsafe component.pointee.consume else {
            throw .unsupported("this component does not consume")
        }
        try unsafe check { unsafe consume(instance, batch.raw, $0) }
        itemsTaken.add(batch.items, ordering: .relaxed)
    }

    /// Items that `consume` took.
    public var taken: Int { itemsTaken.load(ordering: .relaxed) }
    /// Items that were taken and neither emitted nor dropped yet.
    public var held: Int {
        taken - host.emitted.reduce(0) { $0 + $1.items } - host.dropped.reduce(0) { $0 + $1.items }
    }

    /// One attempt of a sink. If it is pending, the result has the outcome once it is settled.
    public func deliver(
        _ batch: TestBatch, attempt: Int = 1, deadline: Deadline = .none
    ) -> TestDelivery {
        let delivery = FakeDelivery(batch, attempt, deadline)
        var error = weir_error()
        unsafe weir_error_init(&error)
        let status = unsafe component.pointee.deliver(instance, batch.raw, delivery.raw, &error)
        unsafe delivery.returned(status, &error, host)
        return TestDelivery(delivery)
    }

    /// What an exporter reads.
    public func collect(deadline: Deadline = .none) throws(ComponentError) -> CollectedMetrics {
        let outcome = collectOutcome(deadline: deadline)
        if let error = outcome.error { throw error }
        return outcome.metrics
    }

    /// What an exporter reads, and with which error it ended: what it wrote before the error counts,
    /// as with a real host.
    public func collectOutcome(
        deadline: Deadline = .none
    ) -> (metrics: CollectedMetrics, error: ComponentError?) {
        let metrics = FakeMetrics()
        guard let collect = unsafe component.pointee.collect else {
            return (metrics.collected, .unsupported("this component does not collect"))
        }
        do throws(ComponentError) {
            try unsafe check {
                unsafe collect(instance, metrics.raw, deadline.monotonicNanoseconds, $0)
            }
            return (metrics.collected, nil)
        } catch {
            return (metrics.collected, error)
        }
    }

    /// Drains, stops and destroys; then reports leaks, broken rules and items that got lost.
    public func end() throws(TestFailure) {
        do throws(ComponentError) {
            try drain()
            try stop()
        } catch {
            throw TestFailure("the end failed: \(error)")
        }
        destroy()
        try host.checkClean()
    }
}

/// A component broke a rule.
public struct TestFailure: Error, CustomStringConvertible {
    public var description: String
    public init(_ description: String) { self.description = description }
}

extension FakeHost {
    /// Makes an instance of a component, with defaults filled in from the schema that
    /// `plugin.json` has for it. Durations and sizes are written as in configurations.
    public func create(
        _ plugin: Plugin, _ kind: ComponentKind, _ type: String, settings: String = "{}",
        file: String = #filePath
    ) throws -> TestInstance {
        let metadata = try PluginMetadata(besides: file)
        guard let component = metadata.component(kind, type) else {
            throw TestFailure("plugin.json has no \(kind) \"\(type)\"")
        }
        let settings = try component.normalise(settings)
        return try createRaw(plugin, kind, type, settings.serialized())
    }

    /// Makes and starts an instance.
    public func start(
        _ plugin: Plugin, _ kind: ComponentKind, _ type: String, settings: String = "{}",
        file: String = #filePath
    ) throws -> TestInstance {
        let instance = try create(plugin, kind, type, settings: settings, file: file)
        try instance.start()
        return instance
    }

    /// Makes an instance from the very text that crosses the ABI.
    public func createRaw(
        _ plugin: Plugin, _ kind: ComponentKind, _ type: String, _ settings: String
    ) throws(ComponentError) -> TestInstance {
        let table = unsafe plugin.table.assumingMemoryBound(to: weir_plugin.self)
        for index in unsafe 0..<Int(table.pointee.component_count) {
            let component = unsafe table.pointee.components[index]!
            guard unsafe component.pointee.kind == kind.rawValue,
                unsafe String(cString: component.pointee.type) == type
            else { continue }
            var made: OpaquePointer? = nil
            record.withLock { $0.creating += 1 }
            defer { record.withLock { $0.creating -= 1 } }
            try unsafe check { error in
                unsafe withSlice(settings) {
                    unsafe component.pointee.create(component, self.table, $0, &made, error)
                }
            }
            record.withLock { $0.created += 1 }
            return unsafe TestInstance(component, made!, self)
        }
        throw .unsupported("the plugin has no \(kind) \"\(type)\"")
    }

    /// Throws if memory, timers, listeners or clients were left, or if rules were broken.
    public func checkClean() throws(TestFailure) {
        var faults = violations + memory.faults
        let live = memory.leakCount
        if live > 0 { faults.append("\(live) batches or buffers were leaked") }
        if timerCount > 0 { faults.append("\(timerCount) timers were not cancelled") }
        let expressions = services.kept.withLock { $0.expressions }
        if expressions > 0 { faults.append("\(expressions) regular expressions were leaked") }
        if server.openCount > 0 { faults.append("\(server.openCount) listeners were not closed") }
        if client.openCount > 0 { faults.append("\(client.openCount) clients were not closed") }
        if streams.openCount > 0 { faults.append("\(streams.openCount) streams were not closed") }
        if !admin.paths.isEmpty {
            faults.append(
                "\(admin.paths.joined(separator: ", ")) on the host's endpoint: not ended")
        }
        for line in logs where line.level == .pluginMisbehaving { faults.append(line.message) }
        if !faults.isEmpty { throw TestFailure(faults.joined(separator: "; ")) }
    }
}
