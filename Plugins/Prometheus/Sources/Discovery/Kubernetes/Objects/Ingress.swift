import WeirJSON

struct Ingress: Sendable, Equatable {
    struct Rule: Sendable, Equatable {
        var host = ""
        /// `nil`: none are given, which is all of them.
        var paths: [String]?
    }

    var meta = ObjectMeta()
    var className = ""
    var rules: [Rule] = []
    var tlsHosts: [String] = []

    init(_ reader: inout JSONReader, version: inout String) throws(JSONError) {
        guard try reader.opensObject() else { return }
        while let key = try reader.nextKey() {
            switch key.string {
            case "metadata": meta = try ObjectMeta(&reader, version: &version)
            case "spec": try readSpec(&reader)
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readSpec(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.opensObject() else { return }
        while let key = try reader.nextKey() {
            switch key.string {
            case "ingressClassName": className = try reader.text()
            case "rules":
                guard try reader.opensArray() else { continue }
                while try reader.nextElement() { rules.append(try Rule(&reader)) }
            case "tls":
                guard try reader.opensArray() else { continue }
                while try reader.nextElement() { try readTLS(&reader) }
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readTLS(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.opensObject() else { return }
        while let key = try reader.nextKey() {
            if key.equals("hosts") {
                tlsHosts += try reader.texts()
            } else {
                try reader.skipValue()
            }
        }
    }

    /// Whether a host is among those with a certificate; `*` stands for one element of a name.
    func hasTLS(_ host: String) -> Bool {
        tlsHosts.contains { pattern in
            if pattern == host { return true }
            let wanted = pattern.split(separator: ".", omittingEmptySubsequences: false)
            let given = host.split(separator: ".", omittingEmptySubsequences: false)
            return wanted.first == "*" && wanted.count == given.count
                && wanted.dropFirst() == given.dropFirst()
        }
    }
}

extension Ingress.Rule {
    fileprivate init(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.opensObject() else { return }
        while let key = try reader.nextKey() {
            switch key.string {
            case "host": host = try reader.text()
            case "http":
                guard try reader.opensObject() else { continue }
                paths = []
                while let key = try reader.nextKey() {
                    if key.equals("paths") {
                        paths = try reader.namedTexts("path", "pathType").map(\.name)
                    } else {
                        try reader.skipValue()
                    }
                }
            default: try reader.skipValue()
            }
        }
    }
}
