import WeirSDK
import WeirTelemetry

/// What no schema says, and librdkafka finds out only when it runs, or never.
extension ClientSettings {
    private static let protocols = ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]

    func check(_ problems: inout SettingsProblems) {
        for (index, broker) in brokers.enumerated() {
            for part in broker.split(separator: ",", omittingEmptySubsequences: false) {
                guard let fault = Self.fault(of: part.trimmingBlanks) else { continue }
                problems.add(
                    "brokers[\(index)]: found \(HostSettings.printable(String(part))), expected "
                        + "HOST:PORT: \(fault)")
            }
        }
        checkProtocol(&problems)
    }

    /// Why this is no broker. librdkafka takes a protocol before it, and 9092 where no port is.
    private static func fault(of broker: Substring) -> String? {
        var rest = broker
        if let mark = broker.firstRange(of: "://") {
            let scheme = String(broker[..<mark.lowerBound])
            guard protocols.contains(scheme.uppercased()) else {
                return "leave out \(HostSettings.printable(scheme))://"
            }
            rest = broker[mark.upperBound...]
        }
        if rest.contains(where: { "/@ ".contains($0) }) { return "no path, user or blank" }
        let isBracketed = rest.hasPrefix("[")
        guard isBracketed || rest.count(where: { $0 == ":" }) < 2 else {
            return "write an IPv6 address in brackets, as in [::1]:9092"
        }
        if isBracketed, !rest.contains("]") { return "close the bracket" }
        let colon =
            isBracketed
            ? rest.lastIndex(of: "]").map { rest.index(after: $0) } ?? rest.endIndex
            : rest.firstIndex(of: ":") ?? rest.endIndex
        if colon == rest.startIndex { return "the host is missing" }
        guard colon < rest.endIndex else { return nil }
        let port = rest[colon...].dropFirst()
        guard rest[colon] == ":", port.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = UInt16(port), number > 0
        else { return "a port is a number from 1 to 65535" }
        return nil
    }

    /// A protocol of librdkafka's own name that makes nothing of what was set here.
    private func checkProtocol(_ problems: inout SettingsProblems) {
        guard let set = librdkafka["security.protocol"]?.lowercased() else { return }
        let path = #"librdkafka."security.protocol""#
        if auth?.plainText != nil || auth?.sasl != nil, !set.hasPrefix("sasl_") {
            problems.add(
                "\(path): found \(set), expected sasl_ssl (or sasl_plaintext): with \(set) nobody is "
                    + "told who we are, though `auth` says it; leave it out, or leave out `auth`")
        }
        if tls?.insecure == false || auth?.tls?.insecure == false, !set.hasSuffix("ssl") {
            problems.add(
                "\(path): found \(set), expected \(set.hasPrefix("sasl") ? "sasl_ssl" : "ssl"): with "
                    + "\(set) there is no TLS, though `tls` is set; leave it out, or leave out `tls`"
            )
        }
    }

    /// What may be meant, and is seldom wanted.
    var doubt: String? {
        let way = auth?.plainText != nil ? "auth.plain_text" : "auth.sasl"
        let isPlain =
            auth?.plainText != nil || auth?.sasl.map { $0.mechanism ?? "PLAIN" } == "PLAIN"
        guard isPlain,
            properties.last(where: { $0.key == "security.protocol" })?.value != "sasl_ssl",
            librdkafka["security.protocol"]?.lowercased() != "sasl_ssl"
        else { return nil }
        return "\(way): the password goes to the brokers in clear: set `tls`, or a mechanism "
            + "SCRAM-SHA-256 or SCRAM-SHA-512"
    }
}

extension TopicSettings {
    /// What brokers take as a name: letters, digits, `.`, `_` and `-`, at most 249 of them.
    func check(_ path: String, _ problems: inout SettingsProblems) {
        let isKnown = topic.utf8.allSatisfy { byte in
            switch UnicodeScalar(byte) {
            case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "-": true
            default: false
            }
        }
        guard !isKnown || topic.utf8.count > 249 || topic == "." || topic == ".." else { return }
        problems.add(
            "\(path).topic: found '\(topic)', expected at most 249 letters, "
                + "digits, '.', '_' and '-': no broker makes another one")
    }
}

extension ProducerSettings {
    /// Levels are the codecs' own.
    func check(_ problems: inout SettingsProblems) {
        guard let level = compressionParams?.level else { return }
        let range =
            switch compression {
            case "gzip": -1...9
            case "lz4", "zstd": -1...12
            default: -1...0
            }
        guard !range.contains(level) else { return }
        problems.add(
            "producer.compression_params.level: found \(level), expected "
                + (range.upperBound == 0
                    ? "none, as \(compression) has no levels"
                    : "\(range.lowerBound) to \(range.upperBound), which \(compression) has")
                + ": leave it out for what is usual")
    }
}

extension Substring {
    fileprivate var trimmingBlanks: Substring {
        let start = drop { $0 == " " }
        guard let last = start.lastIndex(where: { $0 != " " }) else { return start.prefix(0) }
        return start[...last]
    }
}

extension SinkSettings {
    /// All that is wrong, at once.
    func check() throws(ComponentError) {
        var problems = SettingsProblems()
        client.check(&problems)
        for signal in Signal.allCases { topic(of: signal).check(signal.name, &problems) }
        producer.check(&problems)
        checkTogether(&problems)
        try problems.report()
    }

    private func checkTogether(_ problems: inout SettingsProblems) {
        let acks = producer.requiredAcks
        if idempotent == true, acks != -1 {
            problems.add(
                "idempotent: true with producer.required_acks: \(acks): brokers sort out what comes "
                    + "twice only if all that are in sync have to have it; set required_acks to -1")
        }
        if timeout > .zero, producer.linger >= timeout {
            problems.add(
                "producer.linger: found \(producer.linger), expected less than timeout (\(timeout)): "
                    + "no message would be sent in time")
        }
    }
}

extension ReceiverSettings {
    /// All that is wrong, at once.
    func check() throws(ComponentError) {
        var problems = SettingsProblems()
        client.check(&problems)
        for signal in Signal.allCases { sources[signal]?.check(signal.name, &problems) }
        checkTogether(&problems)
        try problems.report()
    }

    private func checkTogether(_ problems: inout SettingsProblems) {
        if heartbeatInterval >= sessionTimeout {
            problems.add(
                "heartbeat_interval: found \(heartbeatInterval), expected less than session_timeout "
                    + "(\(sessionTimeout)): the group would take this member for dead")
        }
        var seen: Set<String> = []
        for signal in Signal.allCases {
            guard let source = sources[signal], !seen.insert(source.topic).inserted else {
                continue
            }
            problems.add(
                "\(signal.name).topic: the topic '\(source.topic)' is given for two signals; a message "
                    + "does not say which signal it is, so give each signal a topic of its own")
        }
        if client.librdkafka["enable.auto.offset.store"] != nil {
            problems.add(
                #"librdkafka."enable.auto.offset.store": it is the receiver's own business: see "#
                    + "message_marking")
        }
    }
}
