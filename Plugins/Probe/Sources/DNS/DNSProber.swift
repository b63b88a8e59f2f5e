import WeirSDK

/// The prober `dns`: asks a name server for one name.
struct DNSProber: Prober {
    private let name: String
    private let type: UInt16
    private let queryClass: UInt16
    private let recursion: Bool
    private let usesTCP: Bool
    private let isSecure: Bool
    private let tls: TLSSettings?
    private let validCodes: [String]
    private let choice: AddressChoice
    private let answer: RecordExpectations
    private let authority: RecordExpectations
    private let additional: RecordExpectations

    init(_ settings: DNSSettings, _ compiler: PatternCompiler) throws(ComponentError) {
        name = settings.queryName
        let typeName = settings.queryType ?? "ANY"
        guard let type = DNSMessage.types[typeName] else {
            throw .invalid(
                "\(compiler.module).dns.query_type is '\(typeName)'; expected one of "
                    + DNSMessage.types.keys.sorted().joined(separator: ", "))
        }
        self.type = type
        guard let queryClass = DNSMessage.classes[settings.queryClass ?? "IN"] else {
            throw .invalid(
                "\(compiler.module).dns.query_class is '\(settings.queryClass ?? "")'; expected IN, CH or HS"
            )
        }
        self.queryClass = queryClass
        guard
            DNSMessage.query(
                id: 0, name: name, type: type, class: queryClass, recursion: false) != nil
        else {
            throw .invalid(
                "\(compiler.module).dns.query_name: '\(name)' is longer than a name may be")
        }
        recursion = settings.recursionDesired ?? true
        isSecure = settings.dnsOverTLS ?? false
        usesTCP = isSecure || settings.transportProtocol == "tcp"
        tls = settings.tlsConfig
        validCodes = settings.validRcodes ?? ["NOERROR"]
        choice = AddressChoice(settings.preferredIPProtocol, settings.ipProtocolFallback)
        answer = try RecordExpectations(
            settings.validateAnswerRrs, "dns.validate_answer_rrs", compiler)
        authority = try RecordExpectations(
            settings.validateAuthorityRrs, "dns.validate_authority_rrs", compiler)
        additional = try RecordExpectations(
            settings.validateAdditionalRrs, "dns.validate_additional_rrs", compiler)
    }

    func probe(
        _ target: String, hostname: String?, _ attempt: inout Attempt
    ) throws(ProbeFailure) {
        var run = DNSRun()
        defer { run.write(to: &attempt.readings) }
        let (server, port) = try DNSProber.server(target, isSecure ? 853 : 53)
        let found = attempt.resolve(server, choice)
        run.resolve = found.seconds
        guard let address = found.address else { throw ProbeFailure(found.problem) }
        let id = UInt16.random(in: 1...UInt16.max)
        // Checked when the settings were read.
        let query =
            DNSMessage.query(
                id: id, name: name, type: type, class: queryClass, recursion: recursion)
            ?? []
        let bytes =
            usesTCP
            ? try askByTCP(query, address, port, hostname ?? server, &run, &attempt)
            : try askByUDP(query, address, port, id, &run, attempt)
        let message = try DNSMessage(bytes)
        guard message.isAnswer, message.id == id else {
            throw ProbeFailure("the name server answered something else")
        }
        run.take(message)
        guard validCodes.contains(message.codeName) else {
            throw ProbeFailure(
                "the answer is \(message.codeName), expected \(validCodes.joined(separator: ", "))")
        }
        if let problem = answer.problem(message.answer, "answer")
            ?? authority.problem(message.authority, "authority")
            ?? additional.problem(message.additional, "additional")
        {
            throw ProbeFailure(problem)
        }
    }

    /// The port may be missing.
    private static func server(
        _ target: String, _ port: Int
    ) throws(ProbeFailure) -> (String, Int) {
        if IPAddress(target) != nil { return (target, port) }
        guard let parts = try? ProbeURL.hostAndPort(target) else {
            let name = target.hasSuffix(":") ? String(target.dropLast()) : target
            guard !name.contains(":") else { throw ProbeFailure("the target is not host:port") }
            return (name, port)
        }
        return (parts.host, parts.port)
    }

    private func askByTCP(
        _ query: [UInt8], _ address: IPAddress, _ port: Int, _ name: String, _ run: inout DNSRun,
        _ attempt: inout Attempt
    ) throws(ProbeFailure) -> [UInt8] {
        let host = attempt.host
        let began = host.monotonic
        let secure = TLSChoice(tls, name: name)
        let stream = try attempt.connect(address, port: port, tls: isSecure ? secure : nil)
        if isSecure { try attempt.look(at: stream, secure) }
        run.connect = Double(host.monotonic - began) / 1e9
        let sent = host.monotonic
        defer { run.request = Double(host.monotonic - sent) / 1e9 }
        do throws(ComponentError) {
            let length = [UInt8(query.count >> 8), UInt8(query.count & 255)]
            try stream.write(length + query, deadline: attempt.deadline)
            var bytes: [UInt8] = []
            var wanted = 2
            while bytes.count < wanted {
                let more = try stream.read(limit: 65_537, deadline: attempt.deadline)
                guard !more.isEmpty else { throw .retry("the name server ended the connection") }
                bytes += more
                if bytes.count >= 2 { wanted = 2 + Int(bytes[0]) << 8 + Int(bytes[1]) }
            }
            return Array(bytes[2..<wanted])
        } catch {
            throw ProbeFailure(error)
        }
    }

    private func askByUDP(
        _ query: [UInt8], _ address: IPAddress, _ port: Int, _ id: UInt16, _ run: inout DNSRun,
        _ attempt: Attempt
    ) throws(ProbeFailure) -> [UInt8] {
        let host = attempt.host
        let began = host.monotonic
        let socket = try DatagramSocket(address, port: port)
        run.connect = Double(host.monotonic - began) / 1e9
        let sent = host.monotonic
        defer { run.request = Double(host.monotonic - sent) / 1e9 }
        try socket.send(query)
        while true {
            guard let bytes = try socket.receive(within: attempt.timeLeft) else {
                throw ProbeFailure("the name server did not answer in time", isTimeout: true)
            }
            // Answers to others, and late ones, are not ours.
            if bytes.count >= 12, UInt16(bytes[0]) << 8 | UInt16(bytes[1]) == id { return bytes }
        }
    }
}
