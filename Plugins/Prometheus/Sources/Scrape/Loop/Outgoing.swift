import WeirSDK
import WeirTelemetry

/// What one scrape gave, on its way into the pipelines.
struct Outgoing: Sendable {
    enum Step: Sendable {
        /// It is gone: taken, or dropped and counted.
        case done(dropped: Bool)
        /// Not now.
        case hold
    }

    private var bytes: [UInt8]
    let items: Int
    private var batch: Batch?
    private(set) var attempts = 0

    init(_ bytes: [UInt8], items: Int) {
        self.bytes = bytes
        self.items = items
    }

    /// How long to wait before the next attempt: what follows has room again in milliseconds, or
    /// is stuck.
    var backoff: Duration { .milliseconds(min(1000, 10 << min(attempts, 10))) }

    mutating func attempt(_ host: Host) -> Step {
        if items == 0 { return .done(dropped: false) }
        attempts += 1
        do throws(ComponentError) {
            if batch == nil {
                let buffer = try host.makeBuffer(copying: bytes)
                batch = try host.makeBatch(.metrics, items: items, whole: buffer)
                bytes = []
            }
            if let batch { try host.emit(batch) }
            return .done(dropped: false)
        } catch {
            switch error.kind {
            case .retry, .timeout, .cancelled: return .hold
            case .refused, .unsupported, .invalid:
                drop(host, "refused")
                return .done(dropped: true)
            }
        }
    }

    func drop(_ host: Host, _ reason: String) { host.drop(items, .metrics, reason: reason) }
}
