import CWeir
import Logging
import Synchronization

extension ComponentInstance {
    package var health: ComponentHealth { state.withLock { $0 } }

    /// start() has returned; it may have said how it does already.
    func hasStarted() {
        if health.state == .starting { enter(.ok, "") }
    }

    /// What the host saw of it, without a word in the log: the component has said it already.
    func observe(isFailing: Bool, _ why: String) {
        // It knows better whether that may pass.
        if isFailing, health.state == .permanent { return }
        enter(isFailing ? .recoverable : .ok, why)
    }

    /// What it says of itself (weir/ext/status.h).
    func report(_ number: UInt32, _ why: String) {
        guard let state = ComponentHealth.State(rawValue: number) else {
            logger.error("plugin \(plugin) misbehaves: there is no state \(number)")
            return
        }
        let before = health.state
        guard enter(state, why) else { return }
        switch state {
        case .ok: if before.isError { logger.info("recovered\(why.isEmpty ? "" : ": \(why)")") }
        case .recoverable, .permanent: logger.warning("reports: \(why)")
        case .starting, .stopping: break
        }
    }

    @discardableResult
    func enter(_ state: ComponentHealth.State, _ why: String) -> Bool {
        let (now, unix) = (services.time.monotonicNano, services.time.unixNano)
        return self.state.withLock { $0.enter(state, why, nano: now, unixNano: unix) }
    }
}
