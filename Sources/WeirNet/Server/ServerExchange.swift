package import NIOCore
import Synchronization

/// What goes back to a client.
enum ServerAnswer: Sendable {
    case http(status: Int, headers: [(String, String)], body: ByteBuffer?)
    case grpc(GRPCStatus, body: ByteBuffer?)
}

/// The connection side of an exchange.
protocol ServerResponder: AnyObject, Sendable {
    var eventLoop: any EventLoop { get }
    var counters: ServerCounters { get }
    /// Called on the event loop, at most once for each request.
    func answer(_ answer: ServerAnswer, to request: UInt32)
}

/// One request, complete, that wants one answer.
///
/// An exchange that is released without an answer is answered with 500 (`INTERNAL`) and counted.
package final class ServerExchange: Sendable {
    package let head: RequestHead
    /// The body, unpacked and without gRPC's prefix, in one piece.
    package let body: ByteBuffer
    /// What came over the wire for it.
    package let wireBytes: Int
    package let reservation: (any AnyObject & Sendable)?

    private let responder: any ServerResponder
    private let request: UInt32
    private let isAnswered = Atomic<Bool>(false)

    init(
        head: RequestHead, body: ByteBuffer, wireBytes: Int,
        reservation: (any AnyObject & Sendable)?, responder: any ServerResponder, request: UInt32
    ) {
        self.head = head
        self.body = body
        self.wireBytes = wireBytes
        self.reservation = reservation
        self.responder = responder
        self.request = request
    }

    deinit {
        guard !isAnswered.load(ordering: .acquiring) else { return }
        responder.counters.add(\.unanswered)
        deliver(
            head.isGRPC
                ? .grpc(
                    GRPCStatus(.internal, "the request was dropped without an answer"), body: nil)
                : .http(
                    status: 500, headers: [("content-type", "text/plain")],
                    body: ByteBuffer(string: "the request was dropped without an answer\n")))
    }

    package var method: String { head.method }
    package var path: String { head.path }
    package var query: String? { head.query }
    package var isGRPC: Bool { head.isGRPC }
    package var eventLoop: any EventLoop { responder.eventLoop }

    /// The first value of a header field.
    package func header(_ name: String) -> String? { head.headers.first(name) }

    /// Answers, from any thread; a second answer is ignored and reported as `false`. On a gRPC call
    /// the status becomes the code that says the same and the body its message. A large body goes
    /// out with gzip if the client takes that.
    @discardableResult
    package func respond(
        status: Int, headers: [(String, String)] = [], body: ByteBuffer? = nil,
        retryAfter: TimeAmount? = nil
    ) -> Bool {
        guard claim() else { return false }
        if head.isGRPC {
            let text = status == 200 ? "" : body.map { String(buffer: $0) } ?? ""
            deliver(
                .grpc(
                    GRPCStatus(GRPCCode(httpStatus: status), text, retryDelay: retryAfter),
                    body: status == 200 ? body : nil))
        } else {
            let (body, headers) = packed(body, status: status, headers)
            let all = retryAfter == nil ? headers : headers + retryAfter.asRetryAfterField
            deliver(.http(status: status, headers: all, body: body))
        }
        return true
    }

    /// Answers a gRPC call, from any thread; `body` is the message for a call that succeeds. On a
    /// plain HTTP request the code becomes the status that says the same.
    @discardableResult
    package func respondGRPC(_ status: GRPCStatus, body: ByteBuffer? = nil) -> Bool {
        guard claim() else { return false }
        if head.isGRPC {
            deliver(.grpc(status, body: body))
        } else {
            deliver(.refusal(status, to: head))
        }
        return true
    }

    /// Refuses in the terms of whichever protocol the client speaks.
    @discardableResult
    package func refuse(_ refusal: Refusal) -> Bool {
        guard claim() else { return false }
        deliver(ServerAnswer(refusal, to: head))
        return true
    }

    private func claim() -> Bool {
        let claimed = !isAnswered.exchange(true, ordering: .acquiringAndReleasing)
        if !claimed { responder.counters.add(\.answeredTwice) }
        return claimed
    }

    private func deliver(_ answer: ServerAnswer) {
        let (responder, request) = (self.responder, self.request)
        if responder.eventLoop.inEventLoop {
            responder.answer(answer, to: request)
        } else {
            responder.eventLoop.execute { responder.answer(answer, to: request) }
        }
    }
}

extension ServerAnswer {
    init(_ refusal: Refusal, to head: RequestHead) {
        if head.isGRPC {
            self = .grpc(
                GRPCStatus(refusal.code, refusal.message, retryDelay: refusal.retryAfter), body: nil
            )
        } else {
            let (type, bytes) = refusal.body(answering: head)
            self = .http(
                status: refusal.httpStatus,
                headers: [("content-type", type)] + refusal.retryAfter.asRetryAfterField
                    + refusal.headers,
                body: bytes)
        }
    }

    static func refusal(_ status: GRPCStatus, to head: RequestHead) -> ServerAnswer {
        ServerAnswer(
            Refusal(
                httpStatus: status.code.httpStatus, code: status.code, message: status.message,
                retryAfter: status.retryDelay), to: head)
    }
}

extension TimeAmount? {
    /// `Retry-After` in whole seconds, rounded up so that no client comes back early.
    var asRetryAfterField: [(String, String)] {
        guard let self else { return [] }
        let seconds = max(1, (self.nanoseconds + 999_999_999) / 1_000_000_000)
        return [("retry-after", String(seconds))]
    }
}
