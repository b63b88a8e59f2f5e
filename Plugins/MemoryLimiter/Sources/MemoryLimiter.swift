import Synchronization
import WeirSDK

/// Refuses batches while the process uses too much memory; passes them on untouched otherwise.
final class MemoryLimiter<Source: MemorySource>: Processor {
    private let host: Host
    private let source = Source()
    private let interval: Duration
    private let limits: MemoryLimits
    /// What `consume` looks at: 0 while batches are taken, else the bytes in use.
    private let refusedAt = Atomic<Int>(0)
    private let state: Mutex<State>

    private struct State: Sendable {
        var memory: MemoryGuard
        var hasFailed = false
        var timer: Timer?
    }

    init(settings: MemoryLimiterSettings, host: Host) throws(ComponentError) {
        self.host = host
        interval = settings.checkInterval
        let source = source
        limits = try MemoryLimits(settings) { () throws(ComponentError) in try source.available() }
        state = Mutex(State(memory: MemoryGuard(limits)))
        guard host.timers != nil else {
            throw .unsupported(
                "memory_limiter needs the host's weir.timer/1, which this host does not have: use a "
                    + "newer host")
        }
    }

    func start(deadline: Deadline) throws(ComponentError) {
        _ = try source.resident()
        check()
        let timer = host.timers?.after(interval, every: interval) { [weak self] in self?.check() }
        guard let timer else { throw .cancelled("the host is stopping") }
        state.withLock { $0.timer = timer }
    }

    func stop(deadline: Deadline) throws(ComponentError) {
        // Not under the lock: cancel() waits for a check that takes it.
        let timer = state.withLock { state in
            defer { state.timer = nil }
            return state.timer
        }
        timer?.cancel()
    }

    func consume(_ batch: Batch) throws(ComponentError) {
        let resident = refusedAt.load(ordering: .relaxed)
        guard resident == 0 else { throw refusal(resident) }
        try host.emit(batch)
    }

    private func refusal(_ resident: Int) -> ComponentError {
        .retry(
            after: interval,
            "the process uses \(resident.inMebibytes) of memory and takes telemetry again below "
                + "\(limits.soft.inMebibytes) (hard limit \(limits.hard.inMebibytes)): send again "
                + "later; if this lasts, raise the limit or send less")
    }

    /// One look at memory, on the host's timer.
    private func check() {
        do throws(ComponentError) {
            var resident = try source.resident()
            var step = update { $0.check(resident: resident, now: host.monotonic) }
            if step == .trim {
                let before = resident
                source.trim()
                resident = try source.resident()
                host.log(
                    .warning,
                    "the process used \(before.inMebibytes) of memory, at or above the hard limit "
                        + "of \(limits.hard.inMebibytes); gave free memory back, now "
                        + resident.inMebibytes)
                step = update { $0.afterTrim(resident: resident) }
            }
            apply(step, resident)
        } catch {
            // The last decision stands: neither refusing nor taking is known to be right.
            let isFirst = state.withLock { state in
                defer { state.hasFailed = true }
                return !state.hasFailed
            }
            if isFirst { host.log(.error, "memory cannot be measured any more: \(error.message)") }
        }
    }

    private func update(_ body: (inout MemoryGuard) -> MemoryGuard.Step) -> MemoryGuard.Step {
        state.withLock { state in
            state.hasFailed = false
            return body(&state.memory)
        }
    }

    private func apply(_ step: MemoryGuard.Step, _ resident: Int) {
        switch step {
        case .none, .trim:
            // Messages are to name the number of now.
            if refusedAt.load(ordering: .relaxed) != 0 {
                refusedAt.store(max(1, resident), ordering: .relaxed)
            }
        case .refuse:
            refusedAt.store(max(1, resident), ordering: .relaxed)
            tell(
                .recoverableError,
                "the process uses \(resident.inMebibytes) of memory, at or above the soft limit of "
                    + "\(limits.soft.inMebibytes): refusing telemetry")
        case .resume:
            refusedAt.store(0, ordering: .relaxed)
            tell(
                .ok,
                "the process uses \(resident.inMebibytes) of memory, below the soft limit of "
                    + "\(limits.soft.inMebibytes): taking telemetry again")
        }
    }

    /// A host that keeps health also logs its changes.
    private func tell(_ health: Health, _ why: String) {
        if let status = host.status {
            status.report(health, why)
        } else {
            host.log(health == .ok ? .info : .warning, why)
        }
    }
}

extension Int {
    /// As messages show memory: `1536.5 MiB`.
    var inMebibytes: String {
        let tenths = (self / 1024 * 10 + 512) / 1024
        return "\(tenths / 10).\(tenths % 10) MiB"
    }
}
