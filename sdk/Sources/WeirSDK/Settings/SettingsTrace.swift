import Synchronization

/// Which keys settings asked for, as paths (`retry.max_attempts`, `endpoints[].url`).
package final class SettingsTrace: Sendable {
    private let state = Mutex(Set<String>())

    package init() {}

    package var paths: Set<String> { state.withLock { $0 } }

    func record(_ path: String) {
        _ = state.withLock { $0.insert(path) }
    }
}
