import Synchronization
import WeirPrometheus
import WeirSDK

/// One discoverer and the jobs that want what it finds.
final class Provider: Sendable {
    private struct State {
        var outlets: [(prefix: String, outlet: Outlet)] = []
        var groups: [String: TargetGroup] = [:]
        var hasLooked = false
    }

    let health: DiscoveryHealth
    private let discoverer: any Discoverer
    private let state = Mutex(State())

    init(_ discoverer: any Discoverer, _ health: DiscoveryHealth) {
        self.discoverer = discoverer
        self.health = health
    }

    func add(_ outlet: Outlet, prefix: String) {
        state.withLock { $0.outlets.append((prefix, outlet)) }
    }

    func start() throws(ComponentError) {
        try discoverer.start { [weak self] groups in self?.update(groups) }
    }

    func stop() { discoverer.stop() }

    /// Passes on what differs from what is known.
    private func update(_ groups: [TargetGroup]) {
        let (changed, outlets, isFirst) = state.withLock { state in
            let changed = groups.filter { group in
                let known = state.groups[group.source]
                if group.targets.isEmpty {
                    return state.groups.removeValue(forKey: group.source) != nil
                }
                if known == group { return false }
                state.groups[group.source] = group
                return true
            }
            defer { state.hasLooked = true }
            return (changed, state.outlets, !state.hasLooked)
        }
        guard isFirst || !changed.isEmpty else { return }
        for (prefix, outlet) in outlets {
            outlet.send(
                changed.map { group in
                    var group = group
                    group.source = prefix + group.source
                    return group
                })
        }
    }

    var size: (groups: Int, targets: Int) {
        state.withLock { state in
            (state.groups.count, state.groups.values.reduce(0) { $0 + $1.targets.count })
        }
    }
}
