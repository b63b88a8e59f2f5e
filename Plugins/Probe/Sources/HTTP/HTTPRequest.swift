import WeirSDK
import WeirTelemetry

/// What a module sends.
struct HTTPRequest: Sendable {
    let method: String
    private let headers: [(name: String, value: String)]
    private let body: [UInt8]
    private let bodyFile: String?
    /// Read anew for each request, so that it can change.
    private let secretFile: String?
    private let secretPrefix: String
    private let basicUser: String?

    init(_ settings: HTTPSettings, _ module: String) throws(ComponentError) {
        method = settings.method ?? "GET"
        guard !method.isEmpty, method.allSatisfy({ $0.isASCII && $0.isLetter }) else {
            throw .invalid("\(module).http.method is '\(method)'; expected GET, POST, ...")
        }
        var headers: [(name: String, value: String)] = []
        for (name, value) in (settings.headers ?? [:]).sorted(by: { $0.key < $1.key }) {
            let isPlain = !(name + value).utf8.contains { $0 < 32 || $0 == 127 }
            guard !name.isEmpty, isPlain, !name.contains(":"), !name.contains(" ") else {
                throw .invalid("\(module).http.headers: '\(name)' is no header")
            }
            headers.append((name, value))
        }
        body = Array((settings.body ?? "").utf8)
        bodyFile = settings.bodyFile
        var file: String?
        var prefix = "Bearer "
        var user: String?
        if let basic = settings.basicAuth {
            user = basic.username ?? ""
            file = basic.passwordFile
            if file == nil {
                let pair = "\(basic.username ?? ""):\(basic.password ?? "")"
                headers.append(("Authorization", basicCredentials(pair)))
            }
        } else if let authorization = settings.authorization {
            prefix = (authorization.type ?? "Bearer") + " "
            file = authorization.credentialsFile
            if let credentials = authorization.credentials {
                headers.append(("Authorization", prefix + credentials))
            }
        } else if let token = settings.bearerToken {
            headers.append(("Authorization", prefix + token))
        } else {
            file = settings.bearerTokenFile
        }
        self.headers = headers
        secretFile = file
        secretPrefix = prefix
        basicUser = user
    }

    /// Headers that say who one is.
    private static let secrets: Set = ["authorization", "cookie", "proxy-authorization"]

    /// - Parameter isTrusted: whether the server may know who one is; a redirect can lead to
    ///   anybody's.
    func bytes(
        _ url: ProbeURL, _ method: String, hostname: String?, isTrusted: Bool = true
    ) throws(ComponentError) -> [UInt8] {
        var body = method == "GET" && self.method != "GET" ? [] : body
        if let bodyFile, body.isEmpty, method == self.method {
            body = try Files.read(bodyFile)
        }
        var sent = headers
        if !isTrusted {
            sent.removeAll { HTTPRequest.secrets.contains($0.name.lowercased()) }
        } else if let secretFile {
            let secret = String(decoding: try Files.read(secretFile), as: UTF8.self)
                .filter { $0 != "\n" && $0 != "\r" }
            let value =
                basicUser.map { basicCredentials("\($0):\(secret)") }
                ?? secretPrefix + secret
            sent.append(("Authorization", value))
        }
        if isTrusted ? secretFile == nil : true, !url.user.isEmpty {
            sent.append(("Authorization", basicCredentials(url.user)))
        }
        let names = Set(sent.map { $0.name.lowercased() })
        var text = "\(method) \(url.path) HTTP/1.1\r\n"
        if !names.contains("host") { text += "Host: \(hostname ?? url.authority)\r\n" }
        if !names.contains("user-agent") { text += "User-Agent: weir\r\n" }
        if !body.isEmpty || method == "POST" || method == "PUT" {
            text += "Content-Length: \(body.count)\r\n"
        }
        for (name, value) in sent { text += "\(name): \(value)\r\n" }
        text += "Connection: close\r\n\r\n"
        return Array(text.utf8) + body
    }
}

/// What a header says of a user and a password (RFC 7617).
private func basicCredentials(_ pair: String) -> String {
    "Basic " + Array(pair.utf8).base64
}
