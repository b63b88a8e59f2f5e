/// The targets that the settings name: those that passwords of the settings are for. Whoever reaches
/// the probe path may name others, and must not learn the passwords by it.
struct ProbeTargets {
    /// As the settings have them: endpoints of this exporter, and patterns.
    let names: [String]

    /// Whether a target that a request names is one of these: by the same text, or, where neither has
    /// more than a scheme, a host, a port and a path, by the same host and port. A scheme that the
    /// settings give is part of it, so that nobody asks for a password without TLS; `*` at the
    /// beginning of a host stands for whatever comes there.
    func contain(_ target: String) -> Bool {
        names.contains { name in
            if name == target || name == "*" { return true }
            guard let known = PlainAddress(name, isTrusted: true),
                let asked = PlainAddress(target, isTrusted: false),
                known.scheme == nil || known.scheme == asked.scheme
            else { return false }
            guard known.place.hasPrefix("*") else { return known.place == asked.place }
            let ending = known.place.dropFirst()
            return asked.place.hasSuffix(ending) && asked.place.count > ending.count
        }
    }
}

/// `scheme://host:port/path`, of which the scheme and the path may be missing, and no more: options in
/// an address may send a client elsewhere than its host says.
private struct PlainAddress {
    var scheme: Substring?
    /// Host and port.
    var place: String

    /// - Parameter isTrusted: Whether it may have a user, which is left out, and begin with `*`.
    init?(_ text: String, isTrusted: Bool) {
        var rest = text[...]
        if let end = text.firstRange(of: "://") {
            scheme = text[..<end.lowerBound]
            rest = rest[end.upperBound...]
        }
        if isTrusted, let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        let place = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(place.count)
        let host = isTrusted && place.hasPrefix("*") ? place.dropFirst() : place
        // `unix:` has a path in the place of a host.
        guard !place.isEmpty, place.last != ":",
            host.utf8.allSatisfy({ $0.isNameLetter || "-:[]".utf8.contains($0) }),
            path.utf8.allSatisfy({ $0.isNameLetter || "-/~".utf8.contains($0) })
        else { return nil }
        self.place = place.lowercased()
    }
}

extension UInt8 {
    /// Letters, digits, dots and underlines.
    fileprivate var isNameLetter: Bool {
        0x30...0x39 ~= self || 0x41...0x5a ~= self || 0x61...0x7a ~= self || self == 0x2e
            || self == 0x5f
    }
}
