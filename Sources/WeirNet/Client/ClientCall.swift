package import NIOCore

/// A request in flight.
///
/// Confined to its event loop, but for `cancel`.
package final class ClientCall: @unchecked Sendable {
    package let eventLoop: any EventLoop
    private(set) var request: ClientRequest
    /// HTTP/1.1: path and query, as they go over the wire.
    var uri = ""
    /// The value of `Authorization`.
    var authorization: String?
    /// Whether it is still on its way to where the client's headers and credentials belong.
    var isAtHome = true
    private(set) var redirects = 0
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

    /// What a redirect makes of the request.
    func redirect(to uri: String, dropsBody: Bool, leavesHost: Bool) {
        redirects += 1
        self.uri = uri
        if dropsBody {
            if request.method != "HEAD" { request.method = "GET" }
            request.parts = []
            wireParts = []
            wireEncoding = .identity
        }
        if leavesHost {
            isAtHome = false
            authorization = nil
            request.headers.removeAll { ClientCall.credentials.contains($0.name.lowercased()) }
        }
    }

    private static let credentials: Set<String> = [
        "authorization", "cookie", "proxy-authorization",
    ]

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
