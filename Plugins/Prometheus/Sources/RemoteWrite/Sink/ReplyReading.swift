import WeirPrometheus
import WeirSDK

/// What an answer means for the request that it answers.
enum Verdict: Sendable, Equatable {
    /// `written` of its samples and histograms; `nil`: all.
    case taken(written: Int?)
    /// Never: it is not sent again. Some of it may have been written.
    case refused(String, written: Int)
    case retry(after: Duration?, String, isTimeout: Bool = false)
    /// The other side has no 2.0; the same is to be sent by 1.0.
    case fallBack(String)
    /// The sink is stopping.
    case cancelled(String)
}

/// Reads answers by the rules of remote write: 5xx and 429 may pass, all other 4xx never do.
struct ReplyReading: Sendable {
    /// As in the settings, without what is secret: for messages.
    let endpoint: String
    let retryOn429: Bool

    func verdict(_ reply: borrowing Reply, sent message: RemoteWriteMessage) -> Verdict {
        if let failure = reply.failure { return notReached(failure) }
        let written = self.written(reply)
        let text = printable(reply.body)
        let answer = "\(endpoint) answered \(reply.code)" + (text.isEmpty ? "" : ": \(text)")
        switch reply.code {
        case 200..<300:
            guard message == .v2 else { return .taken(written: nil) }
            // Whoever has 2.0 has to say what was written.
            guard let written else {
                return .fallBack("\(endpoint) did not say what it has written, as 2.0 has to")
            }
            return .taken(written: written)
        case 415 where message == .v2: return .fallBack("\(answer)")
        case 429:
            guard retryOn429 else { return .refused(answer, written: written ?? 0) }
            return .retry(after: reply.retryAfter, answer)
        case 500...: return .retry(after: reply.retryAfter, answer)
        case 404:
            return .refused(
                answer + ": check the path of `endpoint`, which is often /api/v1/write",
                written: 0)
        case 401, 403:
            return .refused(answer + ": check `headers`, `auth` and `tls`", written: 0)
        case 413:
            return .refused(
                answer + ": lower `max_batch_size_bytes` or `queue_config.max_samples_per_send`",
                written: 0)
        default: return .refused(answer, written: written ?? 0)
        }
    }

    /// No answer came. Whatever it was may pass, but for a request that the host could not make.
    func notReached(_ failure: ComponentError) -> Verdict {
        switch failure.kind {
        case .retry(let delay):
            // A file of credentials or certificates: the message says which, and why.
            if failure.message.contains(" cannot be read: ") {
                return .retry(after: delay, "cannot send to \(endpoint): \(failure.message)")
            }
            return .retry(
                after: delay, "\(failure.message): check `endpoint` (\(endpoint)) and `tls`")
        case .timeout:
            return .retry(
                after: nil,
                "no answer from \(endpoint) in time: \(failure.message): if it is only slow, "
                    + "raise `timeout`", isTimeout: true)
        case .cancelled: return .cancelled(failure.message)
        case .refused, .unsupported, .invalid:
            return .refused("cannot send to \(endpoint): \(failure.message)", written: 0)
        }
    }

    /// Samples and native histograms together; `nil` if the answer does not say.
    private func written(_ reply: borrowing Reply) -> Int? {
        let counts = [WrittenHeader.samples, WrittenHeader.histograms].map { name in
            reply.header(name).flatMap { Int($0) }
        }
        guard counts.contains(where: { $0 != nil }) else { return nil }
        return counts.reduce(0) { $0 &+ max(0, $1 ?? 0) }
    }

    /// The beginning of a body that is text; nothing of one that is not.
    private func printable(_ body: RawSpan) -> String {
        let text = body.shortText(limit: 300)
        let isText = text.unicodeScalars.allSatisfy {
            $0 != "\u{fffd}" && ($0.value >= 0x20 || $0 == "\n" || $0 == "\t" || $0 == "\r")
        }
        guard isText else { return "" }
        var end = text.endIndex
        while end > text.startIndex, text[text.index(before: end)].isNewline {
            end = text.index(before: end)
        }
        return String(text[..<end])
    }
}

extension RawSpan {
    fileprivate func shortText(limit: Int) -> String {
        unsafe extracting(first: min(limit, byteCount)).withUnsafeBytes {
            unsafe String(decoding: $0, as: UTF8.self)
        }
    }
}
