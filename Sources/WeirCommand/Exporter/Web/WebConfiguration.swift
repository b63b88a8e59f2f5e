import WeirConfig
import WeirJSON
import WeirNet
import WeirRuntime

/// What a `--web.config.file` says, in the format of Prometheus' exporter-toolkit.
struct WebConfiguration: Sendable, Equatable {
    /// `nil`: no TLS.
    var tls: ServerTLSOptions?
    /// For every answer.
    var headers: [String: String] = [:]
    /// bcrypt hashes, by the names of users; empty: everyone may read.
    var users: [String: String] = [:]

    /// What is wrong with it: the key, what was found, what to do.
    struct Failure: Error {
        let text: String
    }

    /// - Parameter folder: Where relative paths in it begin: the folder of the file.
    init(_ bytes: [UInt8], folder: String) throws(Failure) {
        let root: JSONValue
        do throws(DocumentError) {
            root = try documentJSON(bytes)
        } catch {
            throw Failure(text: error.description)
        }
        if root == .null { return }
        let section = try WebSection(root, "")
        try section.check(
            known: ["tls_server_config", "http_server_config", "basic_auth_users"],
            unsupported: ["rate_limit": "limit requests in a proxy before it"])
        if let section = try section.inner("tls_server_config") {
            tls = try ServerTLSOptions(section, folder: folder)
        }
        if let section = try section.inner("http_server_config") {
            try section.check(known: ["http2", "headers"])
            if let http2 = try section.flag("http2") { tls?.offersHTTP2 = http2 }
            headers = try section.inner("headers")?.texts() ?? [:]
            if let bad = headers.first(where: { !isHeader($0.key, $0.value) }) {
                throw Failure(
                    text: "http_server_config.headers.\(bad.key) is not a header of HTTP: expected "
                        + "a name of letters, digits and dashes, and a value on one line")
            }
        }
        users = try section.inner("basic_auth_users")?.texts() ?? [:]
        if let complaint = WebUsers.complaint(users) { throw Failure(text: complaint) }
    }
}

extension ServerTLSOptions {
    fileprivate init(
        _ section: WebSection, folder: String
    ) throws(WebConfiguration.Failure) {
        let inFile = "write it to a file and name that"
        try section.check(
            known: [
                "cert_file", "key_file", "client_ca_file", "client_auth_type", "min_version",
                "max_version", "prefer_server_cipher_suites",
            ],
            unsupported: [
                "cert": inFile, "key": inFile, "client_ca": inFile,
                "client_allowed_sans": "use an authority of their own for the clients that may",
                "cipher_suites": "leave it out: the suites are BoringSSL's, all of them safe",
                "curve_preferences": "leave it out: the curves are BoringSSL's",
            ])
        func path(_ key: String) throws(WebConfiguration.Failure) -> String? {
            try section.text(key).flatMap {
                $0.isEmpty ? nil : $0.hasPrefix("/") || folder.isEmpty ? $0 : "\(folder)/\($0)"
            }
        }
        guard let certificate = try path("cert_file"), let key = try path("key_file") else {
            throw section.wrong(
                "lacks \(try path("cert_file") == nil ? "cert_file" : "key_file")",
                expected: "both, PEM files; without TLS leave the section out")
        }
        self.init(certFile: certificate, keyFile: key)
        clientCAFile = try path("client_ca_file")
        let type = try section.text("client_auth_type") ?? ""
        switch type {
        case "", "NoClientCert":
            guard clientCAFile == nil else {
                throw section.wrong(
                    "has client_ca_file and \(type.isEmpty ? "no client_auth_type" : type)",
                    expected: "client_auth_type: RequireAndVerifyClientCert")
            }
        case "VerifyClientCertIfGiven", "RequireAndVerifyClientCert":
            guard clientCAFile != nil else {
                throw section.wrong(
                    "has client_auth_type: \(type) and no client_ca_file",
                    expected: "the authority that signs the clients' certificates")
            }
            clientCertificateIsOptional = type == "VerifyClientCertIfGiven"
        case "RequestClientCert", "RequireAnyClientCert", "RequireClientCert":
            throw section.wrong(
                "has client_auth_type: \(type), which believes any certificate and is not supported",
                expected: "RequireAndVerifyClientCert with client_ca_file, or NoClientCert")
        default:
            throw section.wrong(
                "has client_auth_type: \(type)",
                expected: "NoClientCert, VerifyClientCertIfGiven or RequireAndVerifyClientCert")
        }
        minVersion = try section.version("min_version") ?? .tls12
        maxVersion = try section.version("max_version")
        // Has had no effect there either since Go 1.17.
        _ = try section.flag("prefer_server_cipher_suites")
    }
}

extension WebSection {
    fileprivate func version(
        _ key: String
    ) throws(WebConfiguration.Failure) -> TLSMinimumVersion? {
        let versions = [
            "TLS10": TLSMinimumVersion.tls10, "TLS11": .tls11, "TLS12": .tls12, "TLS13": .tls13,
        ]
        guard let text = try text(key), !text.isEmpty else { return nil }
        guard let version = versions[text] else {
            throw wrong("has \(key): \(text)", expected: "TLS10, TLS11, TLS12 or TLS13")
        }
        return version
    }
}

private func isHeader(_ name: String, _ value: String) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy { $0 == 0x2d || $0.isLetterOrDigit }
        && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        0x30...0x39 ~= self || 0x41...0x5a ~= self || 0x61...0x7a ~= self
    }
}
