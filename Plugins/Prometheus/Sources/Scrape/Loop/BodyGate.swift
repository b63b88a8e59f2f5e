import Synchronization
import WeirPrometheus
import WeirSDK

/// Takes the body of an answer as it comes, and breaks it off once it has more samples than
/// `sample_limit` allows: a target that never ends costs no more memory than one that just fits.
///
/// It knows the limit to be broken only where no rule can drop a sample, and the body is a text
/// that comes uncompressed. Otherwise the reader finds out, which stops there too; what is held
/// until then `body_size_limit` bounds, or ``ScrapeJob/mostHeld``.
final class BodyGate: @unchecked Sendable {
    // Sendable: pieces come one at a time, and the reply after them; the call is behind a lock.
    private let limit: Int
    private(set) var body: [UInt8] = []
    /// The samples that were found, once these are too many.
    private(set) var excess: Int?
    private var lineBreaks = 0
    /// Counts exactly; it has come as far as `counted`.
    private var counter = SampleCounter()
    private var counted = 0
    private let call = Mutex<(call: ClientCall?, isOver: Bool)>((nil, false))

    /// `nil` for a job without a limit, or whose rules can drop samples.
    init?(_ job: ScrapeJob) {
        limit = job.assembly.sampleLimit
        guard limit > 0, !job.metricRelabel.canDrop else { return nil }
    }

    /// What to break off. From then on, if that is due already.
    func sent(_ sent: ClientCall) {
        let isOver = call.withLock { state in
            state.call = sent
            return state.isOver
        }
        if isOver { sent.cancel() }
    }

    func take(_ bytes: RawSpan) {
        guard excess == nil else { return }
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe body.append(contentsOf: bytes)
            lineBreaks += unsafe bytes.count { $0 == UInt8(ascii: "\n") }
        }
        // Most bodies stay below the limit with all their lines: no need to look closer.
        guard lineBreaks >= limit else { return }
        let whole = body
        unsafe counter.add(whole.span.bytes.extracting(counted..<whole.count))
        counted = whole.count
        guard counter.count > limit else { return }
        excess = counter.count
        body = []
        let sent = call.withLock { state in
            state.isOver = true
            return state.call
        }
        sent?.cancel()
    }
}
