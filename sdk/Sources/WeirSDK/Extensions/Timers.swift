import CWeir
import Synchronization

/// Calls later, on the host's clock.
@safe public struct Timers: @unchecked Sendable {  // Sendable: a constant table, any-thread
    private let host: Host
    fileprivate let api: UnsafePointer<weir_timer_api>

    init?(_ host: Host) {
        guard let api = unsafe host.find(WEIR_EXT_TIMER, weir_timer_api.self) else { return nil }
        self.host = host
        unsafe self.api = api
    }

    /// Calls `fire` after `delay`, and again and again if there is a `period`, until the timer is
    /// cancelled or released: keep it. `fire` runs on a thread that serves sockets and must not
    /// block. `nil`: the host is stopping.
    public func after(
        _ delay: Duration, every period: Duration = .zero, _ fire: @escaping @Sendable () -> Void
    ) -> Timer? {
        let box = TimerBox(fire)
        let context = unsafe Unmanaged.passRetained(box)
        let raw = unsafe api.pointee.start(
            host.table, delay.clampedNanoseconds, period.clampedNanoseconds,
            { context in
                // A strong reference for the call: fire() may cancel and so release its own timer.
                let box = unsafe Unmanaged<TimerBox>.fromOpaque(context!).takeUnretainedValue()
                box.fire()
            }, context.toOpaque())
        guard let raw = unsafe raw else {
            unsafe context.release()
            return nil
        }
        return unsafe Timer(raw, self.host, api, box)
    }
}

private final class TimerBox: Sendable {
    let fire: @Sendable () -> Void
    init(_ fire: @escaping @Sendable () -> Void) { self.fire = fire }
}

/// A timer that runs until it is cancelled or released.
@safe public final class Timer: @unchecked Sendable {
    // Sendable: the handle is any-thread, and taken out once.
    private let handle: Atomic<UInt>
    private let host: Host
    private let api: UnsafePointer<weir_timer_api>
    private let box: TimerBox

    fileprivate init(
        _ raw: OpaquePointer, _ host: Host, _ api: UnsafePointer<weir_timer_api>, _ box: TimerBox
    ) {
        handle = Atomic(UInt(bitPattern: raw))
        self.host = host
        unsafe self.api = api
        self.box = box
    }

    /// Ends it. After this returned, its function does not run and will not, unless this was called
    /// from within. Do not hold a lock here that the function takes; releasing the last reference
    /// cancels, too.
    public func cancel() {
        let raw = handle.exchange(0, ordering: .acquiringAndReleasing)
        guard raw != 0 else { return }
        unsafe api.pointee.cancel(host.table, OpaquePointer(bitPattern: raw))
        unsafe Unmanaged.passUnretained(box).release()
    }

    deinit { cancel() }
}

extension Host {
    /// Timers, if this host has them.
    public var timers: Timers? { Timers(self) }
}
