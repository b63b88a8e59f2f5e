package import WeirSDK
package import WeirTelemetry

/// The settings of the sink.
package struct NatsSinkSettings: Decodable, Sendable {
    package enum Encoding: String, Decodable, Sendable {
        case proto = "otlp_proto"
        case json = "otlp_json"

        package var contentType: String {
            self == .proto ? "application/x-protobuf" : "application/json"
        }
    }

    package var connection: ConnectionSettings
    package var subject: String
    package var stream: String?
    package var createStream: Bool
    package var encoding: Encoding
    package var deduplicate: Bool
    private var retention: String
    private var replicas: Int
    private var maxBytes: ByteCount
    private var maxAge: Duration
    private var duplicateWindow: Duration

    private enum Keys: CodingKey {
        case subject, stream, createStream, encoding, deduplicate, retention, replicas, maxBytes
        case maxAge, duplicateWindow
    }

    package init(from decoder: any Decoder) throws {
        connection = try ConnectionSettings(from: decoder)
        let own = try decoder.container(keyedBy: Keys.self)
        subject = try own.decode(String.self, forKey: .subject)
        stream = try own.decodeIfPresent(String.self, forKey: .stream)
        createStream = try own.decode(Bool.self, forKey: .createStream)
        encoding = try own.decode(Encoding.self, forKey: .encoding)
        deduplicate = try own.decode(Bool.self, forKey: .deduplicate)
        retention = try own.decode(String.self, forKey: .retention)
        replicas = try own.decode(Int.self, forKey: .replicas)
        maxBytes = try own.decode(ByteCount.self, forKey: .maxBytes)
        maxAge = try own.decode(Duration.self, forKey: .maxAge)
        duplicateWindow = try own.decode(Duration.self, forKey: .duplicateWindow)
    }

    package func subject(_ signal: Signal) -> String {
        subject.replacing("{signal}", with: signal.name)
    }

    /// Says all that is wrong, at once.
    package func check() throws(ComponentError) {
        var problems = SettingsProblems()
        connection.check(&problems)
        check(&problems)
        try problems.report()
    }

    private func check(_ problems: inout SettingsProblems) {
        problems.check { () throws(ComponentError) in
            for signal in Signal.allCases {
                try NatsNames.check(
                    subject: subject(signal), "subject", allowsWildcards: false,
                    placeholders: "{signal}")
            }
        }
        problems.check { () throws(ComponentError) in
            if let stream { try NatsNames.check(stream, "stream") }
        }
        if createStream, stream == nil {
            problems.add("create_stream: it needs a name: set stream")
        }
    }

    /// The stream to make; `nil`: none.
    package var streamToMake: StreamSettings? {
        guard createStream, let stream else { return nil }
        var subjects: [String] = []
        for signal in Signal.allCases where !subjects.contains(subject(signal)) {
            subjects.append(subject(signal))
        }
        return StreamSettings(
            name: stream, subjects: subjects, retention: retention, replicas: replicas,
            maxBytes: maxBytes.bytes, maxAge: maxAge, duplicateWindow: duplicateWindow)
    }
}
