package import NIOCore

/// A request in flight.
///
/// Confined to its event loop, but for `cancel`.
package final class ClientCall: @unchecked Sendable {
    package let eventLoop: any EventLoop
    let request: ClientRequest
    /// The body as it goes over the wire: compressed, and for gRPC with the prefix before it.
    var wireParts: [ByteBuffer] = []
    var wireEncoding = ContentEncoding.identity
    /// Whether it has been put on a connection a second time after a refusal.
    var wasRetried = false
    private var completion: (@Sendable (ClientResult) -> Void)?
    private var deadline: Scheduled<Void>?
    /// Takes it off the connection or queue it is on.
    var onAbandon: (() -> Void)?

    init(
        _ request: ClientRequest, eventLoop: any EventLoop,
        completion: @escaping @Sendable (ClientResult) -> Void
    ) {
        self.request = request
        self.eventLoop = eventLoop
        self.completion = completion
    }

    var isDone: Bool { completion == nil }

    /// Withdraws the request; its completion gets `cancelled` unless it is done already.
    package func cancel() {
        if eventLoop.inEventLoop {
            abandon(NetError(.cancelled, "the request was cancelled"))
        } else {
            eventLoop.execute { self.abandon(NetError(.cancelled, "the request was cancelled")) }
        }
    }

    func startDeadline(_ timeout: TimeAmount, target: String) {
        deadline = eventLoop.scheduleTask(in: timeout) {
            self.abandon(
                NetError(
                    .timeout,
                    "no answer from \(target) within \(timeout.nanoseconds / 1_000_000) ms: the server is slow or unreachable; see its load, or raise timeout"
                ))
        }
    }

    private func abandon(_ error: NetError) {
        guard !isDone else { return }
        let onAbandon = self.onAbandon
        finish(.failure(error))
        onAbandon?()
    }

    func finish(_ result: ClientResult) {
        guard let completion else { return }
        self.completion = nil
        deadline?.cancel()
        deadline = nil
        onAbandon = nil
        wireParts = []
        completion(result)
    }
}
