import Logging
import CWeir
import Synchronization

/// weir/ext/timer.h on the host's clock.
enum TimerTable {
    nonisolated(unsafe) static let shared = unsafe HostExtensions.table(  // immutable
        weir_timer_api(
            size: UInt32(MemoryLayout<weir_timer_api>.size), reserved: 0,
            start: { host, delay, period, fire, context in
                let instance = unsafe ComponentInstance.from(host)
                guard !instance.isStopping else { return nil }
                let timer = unsafe HostTimer(
                    instance: instance, period: period, fire: fire!, context: context)
                timer.arm(after: delay)
                return unsafe OpaquePointer(Unmanaged.passRetained(timer).toOpaque())
            },
            cancel: { _, timer in
                unsafe Unmanaged<HostTimer>.fromOpaque(UnsafeRawPointer(timer!))
                    .takeRetainedValue().cancel()
            }))
}

/// One timer of a plugin. Its lock is held while the plugin's function runs, which is what lets
/// cancel() promise that it no longer does; it is this timer's alone, and recursive, so that a
/// function may cancel its own timer.
@safe private final class HostTimer: @unchecked Sendable {  // state under `lock`
    private let instance: ComponentInstance
    private let period: UInt64
    private let fire: @convention(c) (UnsafeMutableRawPointer?) -> Void
    private let context: UnsafeMutableRawPointer?
    private let lock = RecursiveLock()
    private var scheduled: (any ScheduledCall)?
    private var isCancelled = false

    init(
        instance: ComponentInstance, period: UInt64,
        fire: @escaping @convention(c) (UnsafeMutableRawPointer?) -> Void,
        context: UnsafeMutableRawPointer?
    ) {
        self.instance = instance
        self.period = period
        unsafe self.fire = unsafe fire
        unsafe self.context = context
    }

    func arm(after delay: UInt64) {
        lock.withLock {
            guard !isCancelled else { return }
            scheduled = instance.services.time.schedule(afterNano: delay) { self.run() }
        }
    }

    private func run() {
        lock.withLock {
            guard !isCancelled else { return }
            instance.crumbed { unsafe fire(context) }
            if period > 0 { arm(after: period) }
        }
    }

    func cancel() {
        lock.withLock {
            isCancelled = true
            scheduled?.cancel()
            scheduled = nil
        }
    }
}
