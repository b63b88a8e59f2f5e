import CWeir
import Logging
import NIOCore
import Synchronization
import WeirJSON
import WeirTelemetry

/// Calls one exporter's collect() every interval, on a thread of its own, one call at a time: a
/// collection that takes longer than the interval skips those that it overlaps.
package final class ExporterSchedule: Sendable {
    /// Exporters that start together follow each other at this distance, if their interval allows.
    private static let spacing: UInt64 = 200_000_000

    private let instance: ComponentInstance
    private let settings: CollectionSettings
    private let thread = CollectorThread()
    private let state = Mutex(State())

    private struct State {
        var next: (any ScheduledCall)?
        /// When the next collection is due; the interval counts from here, not from when the timer
        /// came.
        var due: UInt64 = 0
        var isStopped = false
        var isCollecting = false
        /// Fires if the collection that runs does not end.
        var watch: (any ScheduledCall)?
        /// When the collection that runs was reported to ignore its deadline.
        var reported: UInt64?
        var failures = FailureLog()
        /// What the last collection gave, and the pipelines took.
        var given = GivenSeries()
    }

    init(_ instance: ComponentInstance, settings: JSONValue) {
        self.instance = instance
        self.settings = CollectionSettings(settings)
    }

    /// - Parameters:
    ///   - place: This exporter's among all that start.
    ///   - count: How many they are.
    func start(place: Int = 0, of count: Int = 1) {
        let distance = min(Self.spacing, settings.interval / UInt64(max(count, 1)))
        state.withLock { state in
            state.due =
                instance.services.time.monotonicNano + settings.initialDelay
                + distance * UInt64(place)
            schedule(&state)
        }
    }

    /// No collection begins after this; one that runs is asked to end, by `is_cancelled`.
    func end() {
        state.withLock { state in
            state.isStopped = true
            state.next?.cancel()
            state.next = nil
        }
        thread.end()
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
    private func schedule(_ state: inout sending State) {
        guard !state.isStopped else { return }
        let now = instance.services.time.monotonicNano
        state.next = instance.services.time.schedule(
            afterNano: state.due > now ? state.due - now : 0
        ) { self.fire() }
    }

    private enum Turn { case collect, skip, skipSilently, ended }

    private func fire() {
        let now = instance.services.time.monotonicNano
        let turn = state.withLock { state -> Turn in
            guard !state.isStopped else { return .ended }
            // After a pause of the whole process, what was missed is not made up for.
            state.due += settings.interval
            if state.due <= now { state.due = now + settings.interval }
            schedule(&state)
            if state.isCollecting { return state.reported == nil ? .skip : .skipSilently }
            state.isCollecting = true
            return .collect
        }
        switch turn {
        case .ended: return
        case .skip, .skipSilently:
            instance.failed("overlap")
            if turn == .skip {
                instance.logger.warning(
                    "a collection takes longer than the interval: one was skipped")
            }
        case .collect: begin(now)
        }
    }

    private func begin(_ now: UInt64) {
        let deadline = now + settings.timeout
        let watch = instance.services.time.schedule(
            afterNano: settings.timeout + ComponentInstance.collectionGrace
        ) { self.overdue() }
        state.withLock { $0.watch = watch }
        let isUnderWay = thread.run {
            self.collect(deadline)
            self.ended()
        }
        if isUnderWay { return }
        instance.failed("no_thread")
        instance.logger.error("there is no thread to collect on: the system allows no more of them")
        ended()
    }

    private func overdue() {
        let now = instance.services.time.monotonicNano
        let isOverdue = state.withLock { state in
            if state.isCollecting { state.reported = now }
            return state.isCollecting
        }
        if isOverdue { instance.ignoresDeadline() }
    }

    private func ended() {
        let reported = state.withLock { state in
            state.watch?.cancel()
            state.watch = nil
            state.isCollecting = false
            defer { state.reported = nil }
            return state.reported
        }
        guard let reported else { return }
        let late =
            instance.services.time.monotonicNano - reported + ComponentInstance.collectionGrace
        instance.logger.warning(
            "collect() has returned, \(late / 1_000_000_000) s after its deadline")
    }

    private func collect(_ deadline: UInt64) {
        let collection = instance.collect(labels: settings.labels, deadlineNano: deadline)
        let time = instance.services.time
        let line = state.withLock { state in
            state.watch?.cancel()
            return collection.failure.map { state.failures.failed($0, atNano: time.monotonicNano) }
                ?? state.failures.succeeded()
        }
        if let line {
            instance.logger.log(level: collection.failure == nil ? .info : .warning, "\(line)")
        }
        // What a failed collection did give (an "up" of 0, most of all) is data.
        let given = GivenSeries(collection.metrics)
        let gone = state.withLock { state in
            defer { state.given = given }
            return state.given.without(given)
        }
        let (bytes, items) = collection.metrics.finish(
            scope: instance.plugin, atUnixNano: time.unixNano, gone: gone)
        guard items > 0 else { return }
        let buffer = ByteBuffer(bytes: bytes)
        let owner = HostBuffer(buffer, budget: instance.services.budget)
        let batch = HostBatch(signal: .metrics, items: items, parts: [buffer], owners: [owner])
        var refusal = weir_error.make()
        // On a thread of the exporter's own, which may wait.
        let taken = unsafe instance.emitAndWait(batch, error: &refusal)
        if taken != Status.ok {
            state.withLock { $0.given.keep(gone) }
            instance.logger.warning(
                "\(items) points were not taken: \(refusal.text(orStatus: taken))")
        }
    }
}
