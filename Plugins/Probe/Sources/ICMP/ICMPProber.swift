import WeirSDK

/// The prober `icmp`: one echo request.
struct ICMPProber: Prober {
    private let payloadSize: Int
    private let ttl: Int?
    private let choice: AddressChoice

    init(_ settings: ICMPSettings?) {
        payloadSize = max(0, min(65_000, settings?.payloadSize ?? 0))
        ttl = settings?.ttl
        choice = AddressChoice(settings?.preferredIPProtocol, settings?.ipProtocolFallback)
    }

    func probe(
        _ target: String, hostname: String?, _ attempt: inout Attempt
    ) throws(ProbeFailure) {
        let host = attempt.host
        var phases = [("resolve", 0.0), ("setup", 0.0), ("rtt", 0.0)]
        defer {
            for (phase, seconds) in phases {
                attempt.readings.set(
                    "probe_icmp_duration_seconds", seconds,
                    labels: [Readings.Label(name: "phase", value: phase)],
                    help: "How long a phase took.")
            }
        }
        let found = attempt.resolve(target, choice)
        phases[0].1 = found.seconds
        guard let address = found.address else { throw ProbeFailure(found.problem) }
        let began = host.monotonic
        let socket = try EchoSocket(address, ttl: ttl)
        let echo = Echo(
            isVersion4: address.isVersion4, id: UInt16.random(in: 1...UInt16.max),
            sequence: UInt16.random(in: 1...UInt16.max), payloadSize: payloadSize)
        phases[1].1 = Double(host.monotonic - began) / 1e9
        let sent = host.monotonic
        try socket.send(echo.request, to: address)
        while true {
            guard let reply = try socket.receive(within: attempt.timeLeft) else {
                throw ProbeFailure("no reply came in time", isTimeout: true)
            }
            // A raw socket hears all replies of the machine; others have the kernel's id.
            guard echo.isAnswered(by: reply.bytes, hasOwnID: socket.isRaw) else { continue }
            phases[2].1 = Double(host.monotonic - sent) / 1e9
            if let limit = reply.hopLimit {
                attempt.readings.set(
                    "probe_icmp_reply_hop_limit", Double(limit),
                    help: "Hops that the reply could still have made.")
            }
            return
        }
    }
}

/// An echo request, and what its reply looks like (RFC 792, RFC 4443).
struct Echo {
    let isVersion4: Bool
    let id: UInt16
    let sequence: UInt16
    private let payload: [UInt8]

    init(isVersion4: Bool, id: UInt16, sequence: UInt16, payloadSize: Int) {
        self.isVersion4 = isVersion4
        self.id = id
        self.sequence = sequence
        let text = Array("weir probe ".utf8)
        payload =
            payloadSize == 0
            ? text : (0..<payloadSize).map { text[$0 % text.count] }
    }

    /// The kernel fills in the checksum of ICMPv6, and of ping sockets all.
    var request: [UInt8] {
        let header: [UInt8] = [
            isVersion4 ? 8 : 128, 0, 0, 0, UInt8(id >> 8), UInt8(id & 255), UInt8(sequence >> 8),
            UInt8(sequence & 255),
        ]
        var bytes = header + payload
        if isVersion4 {
            let sum = Echo.checksum(bytes)
            (bytes[2], bytes[3]) = (UInt8(sum >> 8), UInt8(sum & 255))
        }
        return bytes
    }

    func isAnswered(by bytes: [UInt8], hasOwnID: Bool) -> Bool {
        guard bytes.count == 8 + payload.count, bytes[0] == (isVersion4 ? 0 : 129), bytes[1] == 0
        else { return false }
        let replyID = UInt16(bytes[4]) << 8 | UInt16(bytes[5])
        let replySequence = UInt16(bytes[6]) << 8 | UInt16(bytes[7])
        return (!hasOwnID || replyID == id) && replySequence == sequence
            && bytes[8...].elementsEqual(payload)
    }

    /// The one's complement of the one's complement sum (RFC 1071).
    static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for index in stride(from: 0, to: bytes.count, by: 2) {
            let low = index + 1 < bytes.count ? bytes[index + 1] : 0
            sum += UInt32(bytes[index]) << 8 | UInt32(low)
        }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        return ~UInt16(sum)
    }
}
