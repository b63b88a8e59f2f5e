import Logging
import CWeir
import NIOConcurrencyHelpers
import NIOCore
import Synchronization
import WeirJSON
import WeirNet

/// A port that a plugin listens on: WeirNet's server, with the plugin's handler behind it.
final class PluginListener: @unchecked Sendable {  // handler is immutable, owned by the plugin
    let port: UInt32
    private let server: HTTPServer
    private let instance: ComponentInstance

    init(
        instance: ComponentInstance, settings: [UInt8], protocols: UInt32,
        handler: weir_http_handler
    ) throws(NetError) {
        self.instance = instance
        let json: JSONValue
        do {
            json = try JSONValue(parsing: settings)
        } catch {
            throw NetError(.configuration, "the settings of the listener are not JSON: \(error)")
        }
        var options = try ServerOptions(
            settings: json, grpc: protocols & UInt32(WEIR_PROTOCOL_GRPC) != 0,
            http: protocols & UInt32(WEIR_PROTOCOL_HTTP) != 0)
        options.onProtocolMismatch = MismatchLog(instance).report
        options.onRefusal = RefusalLog(instance).report
        server = unsafe HTTPServer(
            options: options, group: instance.services.group,
            handler: PluginHandler(
                instance: instance, handler: handler, limits: IntakeLimits(json["limits"])))
        let bound: Endpoint
        do {
            let listeners = instance.services.listeners
            let leaving = listeners.leaving(to: options.endpoint, instance)
            bound = try server.start(
                inheriting: leaving.socket, beside: leaving.neighbours
            ).wait()
            listeners.add(server, instance)
        } catch let error as NetError {
            throw error
        } catch {
            throw NetError(.bindFailed, "\(options.endpoint) cannot be listened on: \(error)")
        }
        if case .tcp(_, let number) = bound { port = UInt32(number) } else { port = 0 }
        instance.logger.info("listening", metadata: ["endpoint": "\(bound)"])
    }

    func close(deadlineNano: UInt64) {
        let now = instance.services.time.monotonicNano
        let left = deadlineNano > now ? deadlineNano - now : 0
        do {
            instance.services.listeners.remove(server)
            // Where a reload lets another instance go on, clients need not notice.
            try server.drain(
                within: .nanoseconds(Int64(clamping: left)),
                lingering: instance.isLeaving ? .seconds(1) : .zero
            ).wait()
        } catch {
            instance.logger.warning("closing a listener: \(error)")
        }
    }
}

/// Counts peers that speak another protocol than the port, and logs the first few of them.
private final class MismatchLog: Sendable {
    private let instance: ComponentInstance
    private let bucket = Mutex(TokenBucket(capacity: 3, refillInterval: .seconds(60)))

    init(_ instance: ComponentInstance) { self.instance = instance }

    func report(_ mismatch: ProtocolMismatch) {
        instance.services.network.protocolMismatch(mismatch.kind.rawValue)
        guard let held = bucket.withLock({ $0.take(at: .now()) }) else { return }
        let more = held > 0 ? " (and \(held) like it before)" : ""
        instance.logger.warning(
            "\(mismatch.text)\(more)",
            metadata: ["peer": "\(mismatch.peer)", "reason": "\(mismatch.kind.rawValue)"])
    }
}

/// Counts requests that no plugin gets to see, and logs the first few of them.
private final class RefusalLog: Sendable {
    private let instance: ComponentInstance
    private let bucket = Mutex(TokenBucket(capacity: 3, refillInterval: .seconds(60)))

    init(_ instance: ComponentInstance) { self.instance = instance }

    func report(_ refusal: Refusal, _ peer: String) {
        let reason = refusal.reason ?? ""
        instance.refuseRequest(reason: reason)
        guard let held = bucket.withLock({ $0.take(at: .now()) }) else { return }
        let more = held > 0 ? " (and \(held) like it before)" : ""
        instance.logger.warning(
            "refused a request: \(refusal.message)\(more)",
            metadata: ["peer": "\(peer)", "reason": "\(reason)"])
    }
}

/// Hands requests to the plugin's functions.
@safe private struct PluginHandler: ServerHandler, @unchecked Sendable {
    // @unchecked: the table is the plugin's
    let instance: ComponentInstance
    let handler: weir_http_handler
    let streams = OpenStreams()
    /// `nil`: everybody is let in.
    let gate: IntakeGate?

    init(instance: ComponentInstance, handler: weir_http_handler, limits: IntakeLimits) {
        self.instance = instance
        unsafe self.handler = unsafe handler
        gate = limits.areNone ? nil : IntakeGate(limits, time: instance.services.time)
    }

    func admit(_ head: RequestHead, declaredBytes: Int?) -> Admission {
        guard let gate else { return admit(head, declaredBytes, ticket: nil) }
        switch gate.enter(peer: head.peerDescription) {
        case .pass(let ticket): return admit(head, declaredBytes, ticket: ticket)
        case .refuse(let refusal):
            instance.refuseRequest(reason: refusal.reason)
            return .refuse(
                Refusal(
                    httpStatus: 429, code: .resourceExhausted, message: refusal.text,
                    retryAfter: .nanoseconds(Int64(clamping: refusal.retryAfter))))
        }
    }

    private func admit(
        _ head: RequestHead, _ declaredBytes: Int?, ticket: IntakeTicket?
    ) -> Admission {
        // A length that is not announced reserves nothing: the body's limits hold for it.
        let wanted = declaredBytes ?? 0
        guard let reservation = instance.services.budget.reserve(wanted) else {
            return .refuse(
                Refusal(
                    httpStatus: 503, code: .resourceExhausted,
                    message: "no memory for another \(wanted) bytes: retry later",
                    retryAfter: .seconds(1)))
        }
        let accepted = Admission.accept(
            reservation: ticket.map { IntakeReservation(reservation, $0) } ?? reservation)
        guard let admit = unsafe handler.admit else { return accepted }
        var error = weir_error.make()
        var path = head.path
        let length = declaredBytes.map { UInt64($0) } ?? UInt64.max
        let status = instance.crumbed {
            path.withUTF8 { bytes in
                unsafe admit(
                    handler.context, weir_slice(data: bytes.baseAddress, length: bytes.count),
                    length, &error)
            }
        }
        if status == Status.ok { return accepted }
        return .refuse(
            Refusal(
                httpStatus: 503, code: .resourceExhausted, message: error.text(orStatus: status),
                retryAfter: .nanoseconds(
                    Int64(clamping: max(error.retry_after_ns, 1_000_000_000)))))
    }

    func receive(_ exchange: ServerExchange) {
        let call = streams.end(exchange) ?? PluginExchange(exchange, instance)
        unsafe call.hand(exchange.body, to: handler, isLast: true)
    }

    func isClientStreaming(_ head: RequestHead) -> Bool {
        guard let streams = unsafe handler.streams else { return false }
        var path = head.path
        return instance.crumbed {
            path.withUTF8 { unsafe streams(handler.context, weir_slice($0)) }
        }
    }

    func receiveMessage(_ message: ByteBuffer, of exchange: ServerExchange) {
        let call = streams.call(exchange) { PluginExchange(exchange, instance) }
        unsafe call.hand(message, to: handler, isLast: false)
    }

    func streamAborted(_ exchange: ServerExchange) {
        guard let call = streams.end(exchange), let own = unsafe call.abandon() else { return }
        instance.crumbed { unsafe handler.abandoned?(handler.context, own) }
        unsafe PluginExchange.release(own)
    }
}
