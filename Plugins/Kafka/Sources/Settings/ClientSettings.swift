/// Where one signal goes or comes from.
struct TopicSettings: Decodable, Sendable, Equatable {
    var topic: String
    var encoding = MessageEncoding.proto

    init(topic: String) { self.topic = topic }
}

/// How a message is written.
enum MessageEncoding: String, Decodable, Sendable {
    case proto = "otlp_proto"
    case json = "otlp_json"
}

/// How brokers know this client.
struct AuthSettings: Decodable, Sendable {
    struct User: Decodable, Sendable {
        var username: String
        var password: String
        /// Left out in `plain_text`.
        var mechanism: String?
    }

    struct Plain: Decodable, Sendable {
        var username: String
        var password: String
    }

    var plainText: Plain?
    var sasl: User?
    var tls: TLSSettings?
}

struct TLSSettings: Decodable, Sendable {
    var insecure: Bool
    var caFile: String?
    var certFile: String?
    var keyFile: String?
    var insecureSkipVerify: Bool
}

/// What the sink and the receiver have in common.
struct ClientSettings: Sendable {
    var brokers: [String]
    var clientID: String
    var auth: AuthSettings?
    var tls: TLSSettings?
    var librdkafka: [String: String]

    /// The properties of librdkafka that these settings mean, but for `librdkafka` itself.
    var properties: [Property] {
        var list = [
            Property("bootstrap.servers", brokers.joined(separator: ","), of: "brokers"),
            Property("client.id", clientID, of: "client_id"),
        ]
        let tls = (self.tls ?? auth?.tls).flatMap { $0.insecure ? nil : $0 }
        if let tls { list += tls.properties }
        var usesSASL = false
        if let plain = auth?.plainText {
            usesSASL = true
            list.append(Property("sasl.mechanism", "PLAIN", of: "auth.plain_text"))
            list += Self.user(plain.username, plain.password, "auth.plain_text")
        } else if let sasl = auth?.sasl {
            usesSASL = true
            list.append(
                Property("sasl.mechanism", sasl.mechanism ?? "PLAIN", of: "auth.sasl.mechanism"))
            list += Self.user(sasl.username, sasl.password, "auth.sasl")
        }
        switch (usesSASL, tls != nil) {
        case (false, false): break
        case (false, true): list.append(Property("security.protocol", "ssl", of: "tls"))
        case (true, false):
            list.append(Property("security.protocol", "sasl_plaintext", of: "auth"))
        case (true, true): list.append(Property("security.protocol", "sasl_ssl", of: "tls"))
        }
        return list
    }

    /// What was set by librdkafka's own names.
    var ownProperties: [Property] {
        librdkafka.sorted { $0.key < $1.key }.map {
            Property($0.key, $0.value, of: "librdkafka.\"\($0.key)\"")
        }
    }

    private static func user(_ name: String, _ password: String, _ path: String) -> [Property] {
        [
            Property("sasl.username", name, of: "\(path).username"),
            Property("sasl.password", password, of: "\(path).password"),
        ]
    }
}

extension TLSSettings {
    fileprivate var properties: [Property] {
        var list: [Property] = []
        if let caFile { list.append(Property("ssl.ca.location", caFile, of: "tls.ca_file")) }
        if let certFile {
            list.append(Property("ssl.certificate.location", certFile, of: "tls.cert_file"))
        }
        if let keyFile { list.append(Property("ssl.key.location", keyFile, of: "tls.key_file")) }
        if insecureSkipVerify {
            list.append(
                Property(
                    "enable.ssl.certificate.verification", "false", of: "tls.insecure_skip_verify"))
            list.append(
                Property(
                    "ssl.endpoint.identification.algorithm", "none", of: "tls.insecure_skip_verify")
            )
        }
        return list
    }
}
