func endpointComplaint(_ text: String, requiresHost: Bool) -> FormatComplaint? {
    if text.isEmpty { return FormatComplaint("the endpoint is empty") }
    if !requiresHost, text.hasPrefix("unix:") {
        return text.dropFirst(5).hasPrefix("/") && text != "unix:/"
            ? nil
            : FormatComplaint("a socket's path must be absolute", suggestion: "unix:/run/x.sock")
    }
    // The Collector's form of a socket, which `transport: unix` accompanies.
    if !requiresHost, text.hasPrefix("/"), text.count > 1 { return nil }
    if let range = text.firstRange(of: "://") {
        let bare = text[range.upperBound...].prefix { $0 != "/" }
        return FormatComplaint(
            "a URL stands where an endpoint is wanted",
            suggestion: endpointComplaint(String(bare), requiresHost: requiresHost) == nil
                ? "write \(bare)" : nil)
    }
    if text.contains("/") { return FormatComplaint("an endpoint has no path") }
    if text.first == "[" {
        guard let close = text.firstIndex(of: "]") else {
            return FormatComplaint("'[' is not closed", suggestion: "write [::1]:4317")
        }
        let address = text[text.index(after: text.startIndex)..<close]
        guard address.contains(":"), address.allSatisfy({ $0.isHexDigit || ":.%".contains($0) })
        else { return FormatComplaint("'\(address)' is not an IPv6 address") }
        return portComplaint(text[text.index(after: close)...])
    }
    guard let colon = text.lastIndex(of: ":") else {
        if UInt16(text) != nil {
            return FormatComplaint("the host is missing", suggestion: "write localhost:\(text)")
        }
        return FormatComplaint("the port is missing", suggestion: "write \(text):PORT")
    }
    let host = text[..<colon]
    if host.contains(":") {
        return FormatComplaint(
            "an IPv6 address stands without brackets",
            suggestion: "write [\(host)]\(text[colon...])")
    }
    if requiresHost, host.isEmpty {
        return FormatComplaint("the host is missing", suggestion: "write localhost\(text)")
    }
    guard host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-._*".contains($0)) })
    else { return FormatComplaint("'\(host)' is not a host name") }
    return portComplaint(text[colon...])
}

private func portComplaint(_ suffix: Substring) -> FormatComplaint? {
    guard suffix.first == ":", suffix.count > 1 else {
        return FormatComplaint("the port is missing")
    }
    let port = suffix.dropFirst()
    guard port.utf8.allSatisfy(isDigit), UInt16(port) != nil else {
        return FormatComplaint("'\(port)' is not a port", suggestion: "ports run from 0 to 65535")
    }
    return nil
}

func urlComplaint(_ text: String, schemes: [String]?) -> FormatComplaint? {
    guard let range = text.firstRange(of: "://"), range.lowerBound > text.startIndex else {
        let scheme = schemes?.first ?? "scheme"
        // A slip in `://` is not mended by another one before it.
        for slip in ["https", "http"] where schemes?.contains(slip) == true && text.hasPrefix(slip)
        {
            let rest = text.dropFirst(slip.count)
            guard let mark = rest.first, mark == ":" || mark == "/" else { continue }
            let bare = rest.drop { $0 == ":" || $0 == "/" }
            // `http:9090` may be a host of that name.
            guard rest.contains("/"), !bare.isEmpty, !bare.allSatisfy(\.isNumber) else { continue }
            return FormatComplaint(
                "'://' is missing after the scheme", suggestion: "write \(slip)://\(bare)")
        }
        return FormatComplaint("the scheme is missing", suggestion: "write \(scheme)://\(text)")
    }
    let scheme = text[..<range.lowerBound].lowercased()
    if let schemes, !schemes.contains(scheme) {
        return FormatComplaint("'\(scheme)' is not \(listed(schemes))")
    }
    if text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
        return FormatComplaint("a URL has no spaces in it")
    }
    guard schemes != nil else { return nil }
    var authority = text[range.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    if let at = authority.lastIndex(of: "@") {
        authority = authority[authority.index(after: at)...]
    }
    if authority.isEmpty || authority.first == ":" { return FormatComplaint("the host is missing") }
    let hasPort = authority.first == "[" ? !authority.hasSuffix("]") : authority.contains(":")
    return endpointComplaint(hasPort ? String(authority) : "\(authority):80", requiresHost: true)
}
