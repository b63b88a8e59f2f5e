import CWeir

/// Why a sending queue does not take a batch.
enum QueueRefusal {
    case full(load: QueueLoad, retryAfter: UInt64)
    case closed
    /// The disk does not take it.
    case storage(String, retryAfter: UInt64)

    static let queueFull = "queue_full"

    /// Of a batch that is dropped for it.
    var dropReason: String {
        switch self {
        case .full: Self.queueFull
        case .closed: "shutdown"
        case .storage: "storage"
        }
    }

    var status: weir_status {
        switch self {
        case .full, .storage: Status.retry
        case .closed: Status.cancelled
        }
    }

    var reason: String {
        switch self {
        case .full: "queue_full"
        case .closed: "stopped"
        case .storage: "storage"
        }
    }

    /// - Parameter isDropped: it is not for a sender, who could come again.
    func fill(_ error: inout weir_error, _ key: String, isDropped: Bool = false) {
        switch self {
        case .full(let load, let retryAfter):
            error.set(
                Status.retry,
                "the sending queue of \(key) is full (\(load.requests) requests, "
                    + "\(load.items) items, \(load.bytes) bytes)"
                    + (isDropped ? "" : ": retry later"),
                retryAfter: retryAfter)
        case .storage(let text, let retryAfter):
            error.set(
                Status.retry, "the sending queue of \(key) takes nothing now: \(text)",
                retryAfter: retryAfter)
        case .closed:
            error.set(Status.cancelled, "\(key) has been stopped")
        }
    }
}
