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
    /// `nil`: everyone may ask.
    private let users: WebUsers?

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
        let complaints = PeerComplaints(instance)
        options.onProtocolMismatch = complaints.report
        options.onConnectionRefused = complaints.report
        options.onRefusal = complaints.report
        let plugin = unsafe PluginHandler(
            instance: instance, handler: handler, limits: IntakeLimits(json["limits"]),
            complaints: complaints)
        users = try WebUsers(settings: json["basic_auth_users"])
        server = HTTPServer(
            options: options, group: instance.services.group,
            handler: users.map { GuardedHandler(inner: plugin, users: $0) } ?? plugin)
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
        users?.stop()
    }
}

/// Hands requests to the plugin's functions.
@safe private struct PluginHandler: ServerHandler, @unchecked Sendable {
    // @unchecked: the table is the plugin's
    let instance: ComponentInstance
    let handler: weir_http_handler
    let streams = OpenStreams()
    let complaints: PeerComplaints
    /// `nil`: everybody is let in.
    let gate: IntakeGate?

    init(
        instance: ComponentInstance, handler: weir_http_handler, limits: IntakeLimits,
        complaints: PeerComplaints
    ) {
        self.instance = instance
        self.complaints = complaints
        unsafe self.handler = unsafe handler
        gate = limits.areNone ? nil : IntakeGate(limits, time: instance.services.time)
    }

    func admit(_ head: RequestHead, declaredBytes: Int?) -> Admission {
        guard let gate else { return admit(head, declaredBytes, ticket: nil) }
        switch gate.enter(peer: head.peerDescription) {
        case .pass(let ticket): return admit(head, declaredBytes, ticket: ticket)
        case .refuse(let refusal):
            complaints.report(refusal, head.peerDescription)
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
        if let share = instance.usedUpShare(for: wanted) {
            share.refused(head.peerDescription)
            instance.refuseRequest(reason: PipelineShare.reason)
            return .noMemory(
                "\(share.refusal): retry later",
                retryAfter: .nanoseconds(Int64(clamping: share.retryAfterNano)))
        }
        guard let reservation = instance.services.budget.reserve(wanted) else {
            complaints.reportMemory(wanted, head.peerDescription)
            let services = instance.services
            let wait = services.budget.retryAfterNano(atNano: services.time.monotonicNano)
            return .noMemory(
                "no memory for another \(wanted) bytes: retry later",
                retryAfter: .nanoseconds(Int64(clamping: wait)))
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

extension Admission {
    fileprivate static func noMemory(_ text: String, retryAfter: TimeAmount) -> Admission {
        .refuse(
            Refusal(
                httpStatus: 503, code: .resourceExhausted, message: text, retryAfter: retryAfter))
    }
}
