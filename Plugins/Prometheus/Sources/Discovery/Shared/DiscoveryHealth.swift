import Synchronization
import WeirSDK

/// How one way of finding targets does: what fails is counted, and logged when it begins and when
/// its reason changes.
final class DiscoveryHealth: Sendable {
    struct Report: Sendable, Equatable {
        var failures = 0
        /// Empty if the last attempt worked.
        var lastError = ""
    }

    let name: String
    private let host: Host
    private let state = Mutex(Report())

    init(_ name: String, host: Host) {
        self.name = name
        self.host = host
    }

    var report: Report { state.withLock { $0 } }

    func failed(_ message: String) {
        let isNew = state.withLock { state in
            state.failures += 1
            defer { state.lastError = message }
            return state.lastError != message
        }
        guard isNew else { return }
        host.log(.warning, "\(name): \(message); the targets known so far stay")
    }

    func worked() {
        let wasFailing = state.withLock { state in
            defer { state.lastError = "" }
            return !state.lastError.isEmpty
        }
        if wasFailing { host.log(.info, "\(name): works again") }
    }
}
