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

    /// The scrape's request and behind it the report's: two that stand one after the other are one.
    /// In an array only if the host had no memory when they were written.
    private enum Content: Sendable {
        case array([UInt8])
        case buffer(Buffer)
        case batch(Batch)
    }

    private var content: Content
    let items: Int
    private(set) var attempts = 0

    /// Nothing that anyone waits for.
    static let nothing = Outgoing()

    private init() {
        items = 0
        content = .array([])
    }

    /// - Parameters:
    ///   - report: the scraper's own series, a request as well.
    ///   - write: writes the scrape's request, of `byteCount` bytes.
    init(
        _ host: Host, items: Int, byteCount: Int, _ report: [UInt8],
        _ write: (inout MutableRawSpan) -> Void
    ) {
        self.items = items
        do throws(ComponentError) {
            var buffer = try host.makeBuffer(length: byteCount + report.count)
            var memory = buffer.bytes
            write(&memory)
            unsafe buffer.write(report.span.bytes, at: byteCount)
            content = .buffer(buffer.freeze())
        } catch {
            var request = [UInt8](repeating: 0, count: byteCount)
            unsafe request.withUnsafeMutableBytes { bytes in
                var memory = unsafe MutableRawSpan(_unsafeBytes: bytes)
                write(&memory)
            }
            content = .array(request + report)
        }
    }

    /// How long to wait before the next attempt: what follows has room again in milliseconds, or
    /// is stuck.
    var backoff: Duration { .milliseconds(min(1000, 10 << min(attempts, 10))) }

    mutating func attempt(_ host: Host) -> Step {
        if items == 0 { return .done(dropped: false) }
        attempts += 1
        do throws(ComponentError) {
            try host.emit(batch(host))
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

    private mutating func batch(_ host: Host) throws(ComponentError) -> Batch {
        let buffer: Buffer
        switch content {
        case .batch(let batch): return batch
        case .buffer(let made): buffer = made
        case .array(let bytes): buffer = try host.makeBuffer(copying: bytes)
        }
        let batch = try host.makeBatch(.metrics, items: items, whole: buffer)
        content = .batch(batch)
        return batch
    }

    func drop(_ host: Host, _ reason: String) { host.drop(items, .metrics, reason: reason) }
}
