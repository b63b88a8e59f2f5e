import WeirSDK

/// What a sink tells the log beyond what the host says of every outcome: when the other side goes
/// and comes back, and what it rejects or warns of.
final class SinkLog: Sendable {
    private let partial: SparseLog
    private let outage: OutageLog

    init(_ host: Host) {
        partial = SparseLog(host)
        outage = OutageLog(host)
    }

    func note(_ outcome: Outcome, endpoint: String) {
        switch outcome {
        case .delivered(_, let message):
            outage.succeeded("\(endpoint) takes telemetry again")
            if !message.isEmpty { partial.warn(message) }
        case .retry(_, let message):
            outage.failed("\(message). What waits is tried again")
        case .refused, .pending: break
        }
    }
}
