import CKafka
import Synchronization
import WeirSDK

/// What librdkafka says beside its answers, in the host's log and in the component's health.
final class ClientLog: Sendable {
    private let host: Host
    private let lines: SparseLog
    private let errors: SparseLog
    private let isStopped = Atomic<Bool>(false)
    private struct State {
        /// What is wrong, while it is.
        var trouble: String?
        /// The last connection that was lost, if none works.
        var connection: String?
        /// Whether it is over as soon as a broker answers, and when it is time to see.
        var probeAt: ContinuousClock.Instant?
    }

    private static let probeInterval = Duration.seconds(5)

    private let state = Mutex(State())

    init(_ host: Host) {
        self.host = host
        lines = SparseLog(host)
        errors = SparseLog(host)
    }

    /// What is wrong at the moment, to be named where something failed for it.
    var current: String? { state.withLock { $0.trouble ?? $0.connection } }

    func write(level: Int32, _ text: String) {
        switch level {
        // Lost connections are told as errors, too, and come in numbers.
        case ...4: lines.warn("librdkafka: \(text)")
        case 5: host.log(.info, "librdkafka: \(text)")
        default: host.log(.debug, "librdkafka: \(text)")
        }
    }

    /// A connection was lost or not made. One is no trouble, and a line of librdkafka's tells it;
    /// but it explains what fails when all are lost.
    func disconnected(_ failure: KafkaFailure) {
        let message = failure.message()
        if failure.code == RD_KAFKA_RESP_ERR__TRANSPORT {
            return state.withLock { $0.connection = message }
        }
        let (isKnown, detail) = state.withLock { state in
            // Why they are down is worth more than that they are.
            let isKnown =
                failure.code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && state.trouble != nil
            state.probeAt = ContinuousClock.now + Self.probeInterval
            return (isKnown, state.connection)
        }
        if !isKnown { failed(detail.map { "\(failure.summary): \($0)" } ?? message) }
    }

    /// While brokers are said to be gone, sees at intervals whether one answers: a client that has
    /// nothing to do would not notice. May block for a second.
    func probe(_ client: KafkaClient) {
        let now = ContinuousClock.now
        let isDue = state.withLock { state in
            guard let moment = state.probeAt, moment <= now else { return false }
            state.probeAt = now + Self.probeInterval
            return true
        }
        if isDue, client.isAnswered(within: 1000) { succeeded() }
    }

    /// Something is wrong that may pass.
    func failed(_ message: String) {
        let isNew = state.withLock { state in
            defer { state.trouble = message }
            return state.trouble != message
        }
        errors.warn(message)
        if isNew { host.status?.report(.recoverableError, message) }
    }

    /// Something is wrong until someone does something.
    func stopped(_ message: String) {
        isStopped.store(true, ordering: .relaxed)
        host.log(.error, message)
        host.status?.report(.permanentError, message)
    }

    /// It works.
    func succeeded() {
        let was = state.withLock { state in
            defer { state = State() }
            return state.trouble
        }
        guard was != nil, !isStopped.load(ordering: .relaxed) else { return }
        host.log(.info, "the brokers answer again")
        host.status?.report(.ok, "")
    }
}
