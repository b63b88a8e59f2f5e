import Logging
import NIOCore
import Synchronization
import WeirNet

/// Counts what peers of a port do that is refused before a plugin gets to see it, and logs the first
/// few of each sort: who it was, and what to change.
final class PeerComplaints: Sendable {
    private let instance: ComponentInstance
    private let mismatches = SparseWarning()
    private let requests = SparseWarning()
    private let limits = SparseWarning()
    private let connections = SparseWarning()
    private let memory = SparseWarning()

    init(_ instance: ComponentInstance) { self.instance = instance }

    /// A peer that speaks another protocol than the port.
    func report(_ mismatch: ProtocolMismatch) {
        instance.services.network.protocolMismatch(mismatch.kind.rawValue)
        warn(mismatches, mismatch.text, peer: mismatch.peer, reason: mismatch.kind.rawValue)
    }

    func report(_ refusal: ConnectionRefusal) {
        instance.counters.refusedConnections.add(refusal.kind.rawValue)
        warn(
            connections, "refused a connection: \(refusal.text)", peer: refusal.peer,
            reason: refusal.kind.rawValue)
    }

    /// A request that is too large, damaged, too slow, or in an unknown encoding.
    func report(_ refusal: Refusal, _ peer: String) {
        let reason = refusal.reason ?? ""
        instance.refuseRequest(reason: reason)
        warn(requests, "refused a request: \(refusal.message)", peer: peer, reason: reason)
    }

    /// A request over one of the port's limits.
    func report(_ refusal: IntakeGate.Refusal, _ peer: String) {
        instance.refuseRequest(reason: refusal.reason)
        warn(
            limits,
            "refused a request: \(refusal.text); it is limits.\(refusal.setting) that says so",
            peer: peer, reason: refusal.reason)
    }

    /// A request that there is no memory for.
    func reportMemory(_ bytes: Int, _ peer: String) {
        instance.refuseRequest(reason: "memory")
        let limit = instance.services.budget.limit
        warn(
            memory,
            "refused a request: telemetry in flight leaves no room for another \(bytes) bytes, of "
                + "\(limit): see which sink is slow, or raise service.memory.limit",
            peer: peer, reason: "memory")
    }

    private func warn(
        _ sparse: SparseWarning, _ text: @autoclosure () -> String, peer: String, reason: String
    ) {
        sparse.warn(
            instance.logger, text(), peer: peer, metadata: ["reason": "\(reason)"])
    }
}

/// A warning that somebody can bring about as often as he likes: three at once, then one a minute.
final class SparseWarning: Sendable {
    private let bucket = Mutex(TokenBucket(capacity: 3, refillInterval: .seconds(60)))

    func warn(
        _ logger: Logger, _ text: @autoclosure () -> String, peer: String? = nil,
        metadata: @autoclosure () -> Logger.Metadata = [:]
    ) {
        guard let held = bucket.withLock({ $0.take(at: .now()) }) else { return }
        let more = held > 0 ? " (and \(held) like it before)" : ""
        var metadata = metadata()
        if let peer { metadata["peer"] = "\(peer)" }
        logger.warning("\(text())\(more)", metadata: metadata)
    }
}
