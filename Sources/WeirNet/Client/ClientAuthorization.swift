import Glibc

/// What a client says of itself in `Authorization`.
package struct ClientAuthorization: Sendable, Hashable {
    /// A secret, or the file that it stands in.
    package enum Secret: Sendable, Hashable {
        case text(String)
        /// Read again when it has changed; space around the secret is not part of it.
        case file(String)
    }

    package enum Scheme: Sendable, Hashable {
        case basic(user: Secret)
        /// `Bearer`, or another one that puts the credentials behind its name.
        case named(String)
    }

    package var scheme: Scheme
    package var credentials: Secret

    package init(_ scheme: Scheme, _ credentials: Secret) {
        self.scheme = scheme
        self.credentials = credentials
    }
}

/// Makes the value of the header, from files as they are at the moment.
struct AuthorizationHeader: Sendable {
    private let source: FromFiles<String>

    init(_ authorization: ClientAuthorization) {
        var files: [String] = []
        if case .file(let path) = authorization.credentials { files.append(path) }
        if case .basic(.file(let path)) = authorization.scheme { files.append(path) }
        source = FromFiles(files) { () throws(NetError) in try authorization.header() }
    }

    func value() throws(NetError) -> String { try source.value() }
}

extension ClientAuthorization {
    fileprivate func header() throws(NetError) -> String {
        let secret = try credentials.text()
        switch scheme {
        case .named(let name): return "\(name) \(secret)"
        case .basic(let user): return try Self.basic(user.text(), secret)
        }
    }

    /// RFC 7617.
    static func basic(_ user: String, _ password: String) -> String {
        let text = Base64.encode(Array("\(user):\(password)".utf8))
        return "Basic " + text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    }
}

extension ClientAuthorization.Secret {
    fileprivate func text() throws(NetError) -> String {
        switch self {
        case .text(let text): return text
        case .file(let path): return try Self.read(path)
        }
    }

    private static func read(_ path: String) throws(NetError) -> String {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        var count = 0
        while count < bytes.count {
            let got = unsafe bytes.withUnsafeMutableBytes {
                unsafe Glibc.read(descriptor, $0.baseAddress! + count, $0.count - count)
            }
            if got == 0 { break }
            guard got > 0 else { throw unreadable(path) }
            count += got
        }
        let isSpace: (UInt8) -> Bool = { $0 <= 0x20 }
        let text = bytes.prefix(count).drop(while: isSpace)
        let end = text.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? text.startIndex
        return String(decoding: text[..<end], as: UTF8.self)
    }

    private static func unreadable(_ path: String) -> NetError {
        NetError(
            .credentials,
            "the credentials in \(path) cannot be read: \(unsafe String(cString: strerror(errno)))",
            isSafeToRetry: true)
    }
}
