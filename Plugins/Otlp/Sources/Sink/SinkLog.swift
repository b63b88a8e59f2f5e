import Synchronization
import WeirSDK

/// What a sink tells the log beyond what the host says of every outcome: when the other side goes
/// and comes back, and what it rejects or warns of.
final class SinkLog: Sendable {
    private let host: Host
    private let partial: SparseLog
    private let isFailing = Atomic<Bool>(false)

    init(_ host: Host) {
        self.host = host
        partial = SparseLog(host)
    }

    func note(_ outcome: Outcome, endpoint: String) {
        switch outcome {
        case .delivered(_, let message):
            if isFailing.load(ordering: .relaxed),
                isFailing.exchange(false, ordering: .relaxed)
            {
                host.log(.info, "\(endpoint) takes telemetry again")
            }
            if !message.isEmpty { partial.warn(message) }
        case .retry(_, let message):
            guard !isFailing.exchange(true, ordering: .relaxed) else { return }
            host.log(.warning, "\(message). What waits is tried again")
        case .refused, .pending: break
        }
    }
}
