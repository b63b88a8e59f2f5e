/// A proxy between a client and its servers: `http://[user:password@]host:port`.
package struct ClientProxy: Sendable, Hashable {
    package var endpoint: Endpoint
    /// `Proxy-Authorization`, if the URL names a user.
    package var authorization: String?

    package init(parsing text: String) throws(NetError) {
        guard let rest = text.removing(prefix: "http://") else {
            throw NetError(
                .configuration,
                "proxy_url is \"\(Self.withoutUser(text))\": expected http://host:port, which serves https targets, too"
            )
        }
        var authority = rest.prefix { $0 != "/" }
        if let at = authority.lastIndex(of: "@") {
            let parts = authority[..<at].split(
                separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            authorization = ClientAuthorization.basic(
                PercentEncoding.decode(parts[0]),
                parts.count > 1 ? PercentEncoding.decode(parts[1]) : "")
            authority = authority[authority.index(after: at)...]
        }
        guard !authority.isEmpty else {
            throw NetError(.configuration, "proxy_url names no host: write http://host:port")
        }
        endpoint = try Endpoint.tcp(parsing: authority, whole: String(authority), defaultPort: 80)
    }

    /// The secret before `@` belongs in no message.
    private static func withoutUser(_ text: String) -> String {
        guard let at = text.lastIndex(of: "@") else { return text }
        return "…" + text[at...]
    }
}

/// `%41` and its kin (RFC 3986, 2.1).
enum PercentEncoding {
    static func decode(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2,
                let value = UInt8(String(Substring(digits)), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Encodes what may not stand in a request line at all, and leaves the rest.
    static func encodeControls(_ text: Substring) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if byte <= 0x20 || byte >= 0x7F {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
