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
    private let next = Mutex<(any ScheduledCall)?>(nil)
    private let isStopped = Atomic<Bool>(false)
    private let isCollecting = Atomic<Bool>(false)

    init(_ instance: ComponentInstance, settings: JSONValue) {
        func nano(_ key: String, _ otherwise: Int64) -> UInt64 {
            UInt64(clamping: settings[key]?.integerValue ?? otherwise)
        }
        self.instance = instance
        interval = max(nano("interval", 15_000_000_000), 1_000_000)
        initialDelay = nano("initial_delay", 1_000_000_000)
        timeout = nano("timeout", 10_000_000_000)
    }

    func start() { schedule(after: initialDelay) }

    /// No collection begins after this; one that runs is asked to end, by `is_cancelled`.
    func stop() {
        isStopped.store(true, ordering: .releasing)
        next.withLock { call in
            call?.cancel()
            call = nil
        }
    }

    private func schedule(after delay: UInt64) {
        guard !isStopped.load(ordering: .acquiring) else { return }
        let call = instance.services.time.schedule(afterNano: delay) { self.fire() }
        next.withLock { $0 = call }
    }

    private func fire() {
        schedule(after: interval)
        guard !isCollecting.exchange(true, ordering: .acquiringAndReleasing) else {
            instance.failed("overlap")
            instance.logger.warning("a collection takes longer than the interval: one was skipped")
            return
        }
        instance.services.blocking.submit { _ in
            self.collect()
            self.isCollecting.store(false, ordering: .releasing)
        }
    }

    private func collect() {
        let table = MetricsTable()
        var error = weir_error.make()
        let time = instance.services.time
        let deadline = time.monotonicNano + timeout
        let status =
            unsafe instance.call { plugin in
                unsafe instance.table.pointee.collect(plugin, table.pointer, deadline, &error)
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
        if unsafe instance.emit(batch, error: &error) != Status.ok {
            instance.logger.warning(
                "\(items) points were not taken: \(error.text(orStatus: error.status))")
        }
    }
}
