import Glibc
import WeirSDK

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
                headers.append(("Authorization", "Basic " + base64(Array(pair.utf8))))
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
            body = try SmallFile.read(bodyFile)
        }
        var sent = headers
        if !isTrusted {
            sent.removeAll { HTTPRequest.secrets.contains($0.name.lowercased()) }
        } else if let secretFile {
            let secret = String(decoding: try SmallFile.read(secretFile), as: UTF8.self)
                .filter { $0 != "\n" && $0 != "\r" }
            let value =
                basicUser.map { "Basic " + base64(Array("\($0):\(secret)".utf8)) }
                ?? secretPrefix + secret
            sent.append(("Authorization", value))
        }
        if isTrusted ? secretFile == nil : true, !url.user.isEmpty {
            sent.append(("Authorization", "Basic " + base64(Array(url.user.utf8))))
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

func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var result: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let part = bytes[start..<min(start + 3, bytes.count)]
        let word = part.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - part.count))
        for index in 0..<4 {
            let digit = digits[word >> (18 - 6 * index) & 63]
            result.append(index <= part.count ? digit : UInt8(ascii: "="))
        }
    }
    return String(decoding: result, as: UTF8.self)
}

/// Files of a few kilobytes: secrets, certificates, bodies.
enum SmallFile {
    private static let limit = 4 << 20

    static func read(_ path: String) throws(ComponentError) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw failure(path) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = unsafe Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= limit else {
                throw .refused("\(path) is larger than 4 MiB, which is not what it should hold")
            }
        }
    }

    private static func failure(_ path: String) -> ComponentError {
        let reason = unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
        return .retry("\(path): \(reason)")
    }
}
