import CWeirSystem
import Glibc
import Logging
import NIOCore
import Synchronization

/// Looks four times a second whether the event loops do what they are asked to. One that does not is
/// named in the log, with the component whose code it is running: everything else on it stands still.
package final class LoopWatchdog: Sendable {
    private static let periodMicroseconds: UInt32 = 250_000

    @safe private final class Watched: @unchecked Sendable {  // the place is as old as its thread
        let loop: any EventLoop
        let pulse = Mutex(LoopPulse())
        /// Where the loop's thread leaves its breadcrumbs: an address.
        let place = Atomic<UInt>(0)

        init(_ loop: any EventLoop) { self.loop = loop }

        var breadcrumb: String? {
            let address = place.load(ordering: .acquiring)
            guard
                let place = unsafe UnsafePointer<UnsafePointer<CChar>?>(bitPattern: address),
                let text = unsafe weir_crash_read(place)
            else { return nil }
            return unsafe String(cString: text)
        }
    }

    private let services: HostServices
    private let loops: [Watched]
    private let thread = CollectorThread()

    package init(_ services: HostServices) {
        self.services = services
        loops = services.group.makeIterator().map(Watched.init)
    }

    /// Runs for the rest of the process. Without a thread to be had there is no watchdog.
    package func start() {
        _ = thread.run { [self] in
            while true {
                for loop in loops { look(at: loop) }
                usleep(Self.periodMicroseconds)
            }
        }
    }

    private func look(at watched: Watched) {
        let now = services.time.monotonicNano
        if watched.pulse.withLock({ $0.ask(atNano: now) }) {
            watched.loop.execute { [self] in
                let place = unsafe UInt(bitPattern: weir_crash_place())
                watched.place.store(place, ordering: .releasing)
                let now = services.time.monotonicNano
                tell(watched.pulse.withLock { $0.answered(atNano: now) }, watched)
            }
        }
        tell(watched.pulse.withLock { $0.check(atNano: now) }, watched)
    }

    private func tell(_ event: LoopPulse.Event?, _ watched: Watched) {
        switch event {
        case nil: break
        case .stalled:
            services.network.stalled()
            let cause = watched.breadcrumb.map { "it is running code of the \($0)" }
            services.logger.error(
                """
                an event loop has done nothing else for a second: \
                \(cause ?? "it is in no plugin"); its connections and timers stand still
                """)
        case .recovered(let nano):
            services.logger.warning("the event loop goes on, after \(nano / 1_000_000) ms")
        }
    }
}
