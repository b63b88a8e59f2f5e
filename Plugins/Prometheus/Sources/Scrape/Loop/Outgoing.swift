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

    private var request: [UInt8]
    /// The scraper's own series, a request as well: two that stand one after the other are one.
    private var report: [UInt8]
    let items: Int
    private var batch: Batch?
    private(set) var attempts = 0

    init(_ request: [UInt8], _ report: [UInt8], items: Int) {
        self.request = request
        self.report = report
        self.items = items
    }

    /// How long to wait before the next attempt: what follows has room again in milliseconds, or
    /// is stuck.
    var backoff: Duration { .milliseconds(min(1000, 10 << min(attempts, 10))) }

    /// Nothing that anyone waits for.
    static let nothing = Outgoing([], [], items: 0)

    mutating func attempt(_ host: Host) -> Step {
        if items == 0 { return .done(dropped: false) }
        attempts += 1
        do throws(ComponentError) {
            if batch == nil {
                batch = try host.makeBatch(.metrics, items: items, whole: joined(host))
                (request, report) = ([], [])
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

    private func joined(_ host: Host) throws(ComponentError) -> Buffer {
        var buffer = try host.makeBuffer(length: request.count + report.count)
        unsafe buffer.write(request.span.bytes, at: 0)
        unsafe buffer.write(report.span.bytes, at: request.count)
        return buffer.freeze()
    }

    func drop(_ host: Host, _ reason: String) { host.drop(items, .metrics, reason: reason) }
}
