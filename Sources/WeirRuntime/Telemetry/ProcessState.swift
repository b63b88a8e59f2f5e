import Synchronization

/// Where the process stands in its life, and since when it is ready.
package final class ProcessState: Sendable {
    package enum Phase: Int, Sendable { case starting = 1, running, draining, stopped }

    private let phaseNow = Atomic<Int>(Phase.starting.rawValue)
    private let readySince = Atomic<UInt64>(0)

    package init() {}

    package var phase: Phase { Phase(rawValue: phaseNow.load(ordering: .acquiring)) ?? .starting }

    package func enter(_ phase: Phase, atNano now: UInt64) {
        if phase == .running { readySince.store(now, ordering: .releasing) }
        phaseNow.store(phase.rawValue, ordering: .releasing)
    }

    /// Nanoseconds since the process became ready; 0 before.
    package func uptimeNano(atNano now: UInt64) -> UInt64 {
        let since = readySince.load(ordering: .acquiring)
        return since == 0 || now < since ? 0 : now - since
    }
}

/// What the host's sockets met that no component sees.
package final class NetworkCounters: Sendable {
    private let mismatches = Mutex<[String: Int]>([:])
    private let stallCount = Atomic<Int>(0)

    package init() {}

    package func protocolMismatch(_ kind: String) {
        mismatches.withLock { $0[kind, default: 0] += 1 }
    }

    /// An event loop did nothing else for more than a second.
    package func stalled() { stallCount.add(1, ordering: .relaxed) }
    package var stalls: Int { stallCount.load(ordering: .relaxed) }

    package var protocolMismatches: [String: Int] { mismatches.withLock { $0 } }
}
