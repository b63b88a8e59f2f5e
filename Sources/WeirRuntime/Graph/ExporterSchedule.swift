import CWeir
import Logging
import NIOCore
import NIOPosix
import Synchronization
import WeirJSON
import WeirTelemetry

/// Calls one exporter's collect() every interval, on a thread that may block, one call at a time: a
/// collection that takes longer than the interval skips those that it overlaps.
package final class ExporterSchedule: Sendable {
    private let instance: ComponentInstance
    private let interval: UInt64
    private let initialDelay: UInt64
    private let timeout: UInt64
    private let labels: [Attribute]
    private let state = Mutex(State())

    private struct State {
        var next: (any ScheduledCall)?
        var isStopped = false
        var isCollecting = false
    }

    init(_ instance: ComponentInstance, settings: JSONValue) {
        func nano(_ key: String, _ otherwise: Int64) -> UInt64 {
            UInt64(clamping: settings[key]?.integerValue ?? otherwise)
        }
        self.instance = instance
        interval = max(nano("interval", 15_000_000_000), 1_000_000)
        initialDelay = nano("initial_delay", 1_000_000_000)
        timeout = nano("timeout", 10_000_000_000)
        labels = (settings["labels"]?.objectValue ?? []).map {
            Attribute($0.key, .string($0.value.stringValue ?? ""))
        }
    }

    func start() { state.withLock { schedule(&$0, after: initialDelay) } }

    /// No collection begins after this; one that runs is asked to end, by `is_cancelled`.
    func end() {
        state.withLock { state in
            state.isStopped = true
            state.next?.cancel()
            state.next = nil
        }
        instance.cancel()
    }

    /// Waits for the collection that runs, so that the plugin's stop() does not come in between.
    func wait(untilNano deadline: UInt64) {
        while state.withLock({ $0.isCollecting }),
            instance.services.time.monotonicNano < deadline
        {
            QueueDrain.pause()
        }
    }

    /// Called with the lock held.
    private func schedule(_ state: inout sending State, after delay: UInt64) {
        guard !state.isStopped else { return }
        state.next = instance.services.time.schedule(afterNano: delay) { self.fire() }
    }

    private func fire() {
        let mayCollect = state.withLock { state -> Bool? in
            guard !state.isStopped else { return nil }
            schedule(&state, after: interval)
            if state.isCollecting { return false }
            state.isCollecting = true
            return true
        }
        guard let mayCollect else { return }
        guard mayCollect else {
            instance.failed("overlap")
            instance.logger.warning("a collection takes longer than the interval: one was skipped")
            return
        }
        instance.services.blocking.submit { _ in
            self.collect()
            self.state.withLock { $0.isCollecting = false }
        }
    }

    private func collect() {
        let table = MetricsTable(labels: labels)
        var error = weir_error.make()
        let time = instance.services.time
        let deadline = time.monotonicNano + timeout
        let status =
            unsafe instance.call { plugin in
                ComponentInstance.until(deadline) {
                    unsafe instance.table.pointee.collect(plugin, table.pointer, deadline, &error)
                }
            } ?? Status.cancelled
        if status != Status.ok {
            instance.failed(statusName(status))
            instance.logger.warning("collection failed: \(error.text(orStatus: status))")
        }
        for (reason, count) in table.rejected {
            instance.counters.refused.add(count, .metrics, reason: reason)
            instance.logger.error(
                "plugin \(instance.plugin) misbehaves: \(count) points were not taken (\(reason))")
        }
        // What a failed collection did give (an "up" of 0, most of all) is data.
        let (bytes, items) = table.finish(scope: instance.plugin, atUnixNano: time.unixNano)
        guard items > 0 else { return }
        let buffer = ByteBuffer(bytes: bytes)
        let owner = HostBuffer(buffer, budget: instance.services.budget)
        let batch = HostBatch(signal: .metrics, items: items, parts: [buffer], owners: [owner])
        var refusal = weir_error.make()
        let taken = unsafe instance.emit(batch, error: &refusal)
        if taken != Status.ok {
            instance.logger.warning(
                "\(items) points were not taken: \(refusal.text(orStatus: taken))")
        }
    }
}
