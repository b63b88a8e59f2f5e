import CKafka
import Synchronization
import WeirSDK

/// What librdkafka says beside its answers, in the host's log and in the component's health.
final class ClientLog: Sendable {
    private let host: Host
    private let lines: SparseLog
    private let errors: SparseLog
    /// The last trouble, while it lasts.
    private let trouble = Mutex<String?>(nil)

    init(_ host: Host) {
        self.host = host
        lines = SparseLog(host)
        errors = SparseLog(host)
    }

    /// What is wrong at the moment, to be named where something failed for it.
    var current: String? { trouble.withLock { $0 } }

    func write(level: Int32, _ text: String) {
        switch level {
        // Lost connections are told as errors, too, and come in numbers.
        case ...4: lines.warn("librdkafka: \(text)")
        case 5: host.log(.info, "librdkafka: \(text)")
        default: host.log(.debug, "librdkafka: \(text)")
        }
    }

    /// Something is wrong that may pass.
    func failed(_ message: String) {
        let isNew = trouble.withLock { known in
            defer { known = message }
            return known != message
        }
        errors.warn(message)
        if isNew { host.status?.report(.recoverableError, message) }
    }

    /// Something is wrong until someone does something.
    func stopped(_ message: String) {
        trouble.withLock { $0 = message }
        host.log(.error, message)
        host.status?.report(.permanentError, message)
    }

    /// It works.
    func succeeded() {
        let was = trouble.withLock { $0.take() }
        guard was != nil else { return }
        host.log(.info, "the brokers answer again")
        host.status?.report(.ok, "")
    }
}
