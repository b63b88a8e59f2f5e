import WeirJSON
import WeirSDK

/// One connection to a server, logged in and subscribed to an inbox of its own. Used by the one
/// thread that opened it. After an error it can only be let go.
final class NatsConnection {
    let address: String
    private(set) var info: ServerInfo
    private let stream: Stream
    private let host: Host
    private let inbox: String
    private var reader: OperationReader
    /// What came while something else was waited for.
    private var early: [Message] = []
    private var inboxes = 0
    private var openPings = 0

    init(
        _ host: Host, _ streams: Streams, _ target: NatsTarget, _ settings: ConnectionSettings,
        keptAtStop: Bool, deadline: Deadline
    ) throws(ComponentError) {
        address = target.address
        self.host = host
        stream = try streams.connect(
            settings.plainStream(target, keptAtStop: keptAtStop), deadline: deadline)
        reader = OperationReader()
        inbox =
            "_INBOX." + String(UInt64.random(in: .min ... .max), radix: 36)
            + String(UInt64.random(in: .min ... .max), radix: 36)
        // Of itself, the server says what it is before TLS.
        var first: ServerOperation?
        while first == nil {
            reader.append(try Self.more(stream, target.address, deadline))
            first = try reader.next()
        }
        switch first {
        case .info(let bytes)?: info = try ServerInfo(parsing: bytes)
        case .error(let text)?: throw ServerRefusal.error(text, target.address)
        default: throw .refused("\(target.address) does not begin with INFO: is it NATS?")
        }
        guard info.hasHeaders else {
            throw .refused(
                "the server \(target.address), version \(info.version), knows no headers: version "
                    + "2.2 or later is needed")
        }
        let isSecure = try Self.usesTLS(info, target, settings)
        if isSecure { try stream.startTLS(settings.tlsStream(target), deadline: deadline) }
        try stream.write(
            try settings.greeting(target, isSecure: isSecure)
                + ClientOperation.subscribe(inbox + ".*", 1), deadline: deadline)
        try ping(deadline: deadline)
    }

    private static func usesTLS(
        _ info: ServerInfo, _ target: NatsTarget, _ settings: ConnectionSettings
    ) throws(ComponentError) -> Bool {
        let wanted = settings.wantsTLS(target)
        if wanted == true, !info.offersTLS {
            throw .refused(
                "\(target.address) has no TLS, and `tls` or tls:// asks for it: nothing is sent")
        }
        if wanted == false, info.requiresTLS {
            throw .refused("\(target.address) wants TLS: leave `tls.insecure` out")
        }
        return wanted ?? info.requiresTLS
    }

    private static func more(
        _ stream: Stream, _ address: String, _ deadline: Deadline
    ) throws(ComponentError) -> [UInt8] {
        let bytes = try stream.read(limit: 64 << 10, deadline: deadline)
        guard !bytes.isEmpty else { throw .retry("\(address) closed the connection") }
        return bytes
    }

    func write(_ bytes: [UInt8], deadline: Deadline) throws(ComponentError) {
        try stream.write(bytes, deadline: deadline)
    }

    /// A subject to which an answer can be sent, used once.
    func newInbox() -> String {
        inboxes += 1
        return "\(inbox).\(inboxes)"
    }

    /// The next message; waits for it.
    func read(deadline: Deadline) throws(ComponentError) -> Message {
        while true {
            if let message = try readAtHand(deadline: deadline) { return message }
            reader.append(try Self.more(stream, address, deadline))
        }
    }

    /// The next message of those that have come already.
    func readAtHand(deadline: Deadline) throws(ComponentError) -> Message? {
        if !early.isEmpty { return early.removeFirst() }
        return try decode(deadline)
    }

    /// Answers the server, and gives the first message that was read.
    private func decode(_ deadline: Deadline) throws(ComponentError) -> Message? {
        while let operation = try reader.next() {
            switch operation {
            case .message(let message): return message
            case .ping: try stream.write(ClientOperation.pong, deadline: deadline)
            case .pong: openPings = max(0, openPings - 1)
            case .ok: break
            case .info(let bytes): info = try ServerInfo(parsing: bytes)
            case .error(let text): throw ServerRefusal.error(text, address)
            }
        }
        return nil
    }

    /// Shows that the server is there, and answers what it has asked meanwhile. What else comes is
    /// kept.
    func ping(deadline: Deadline) throws(ComponentError) {
        try stream.write(ClientOperation.ping, deadline: deadline)
        openPings += 1
        while true {
            while let message = try decode(deadline) { early.append(message) }
            if openPings == 0 { return }
            reader.append(try Self.more(stream, address, deadline))
        }
    }

    /// Asks, and waits for the answer.
    func request(
        _ subject: String, _ payload: [UInt8], deadline: Deadline
    ) throws(ComponentError) -> Message {
        let reply = newInbox()
        try write(ClientOperation.publish(subject, reply: reply, payload), deadline: deadline)
        while true {
            while let message = try decode(deadline) {
                if message.subject == reply { return message }
                early.append(message)
            }
            reader.append(try Self.more(stream, address, deadline))
        }
    }
}

/// What a server says with -ERR, which ends a connection or is about to.
enum ServerRefusal {
    /// All may pass: rights and passwords are mended at the server, without a restart here.
    static func error(_ text: String, _ address: String) -> ComponentError {
        let lower = text.lowercased()
        let advice =
            if lower.contains("authorization violation") || lower.contains("authentication") {
                ": check username and password, or token"
            } else if lower.contains("permissions violation") {
                ": give the user this right at the server"
            } else {
                ""
            }
        return .retry("\(address) says: \(text)\(advice)")
    }
}
