import CPQ
package import WeirSDK

/// What a session is opened with: libpq's keywords, from a URL or from `keyword=value` text.
package struct ConnectionParameters: Sendable {
    private var values: [(key: String, value: String)] = []

    /// Takes `postgresql://user@host:5432/database?sslmode=verify-full`, `host=... dbname=...`, or
    /// `host:5432/database`.
    ///
    /// Throws `invalid`. The text may hold a password in a place where none is expected, so the
    /// message does not repeat it.
    package init(_ endpoint: String) throws(ComponentError) {
        let hasScheme = endpoint.contains("://")
        let isComplete = hasScheme || ConnectionParameters.isKeywords(endpoint)
        let isScheme =
            !hasScheme || endpoint.hasPrefix("postgresql://") || endpoint.hasPrefix("postgres://")
            || ConnectionParameters.isKeywords(endpoint)
        guard
            isScheme,
            let options = unsafe PQconninfoParse(
                isComplete ? endpoint : "postgresql://" + endpoint, nil)
        else {
            throw .invalid(
                "the endpoint is no address of a PostgreSQL server; expected "
                    + "'postgresql://user@host:5432/database?sslmode=require' (with %-escapes in "
                    + "user and password) or 'host=... port=... dbname=...'")
        }
        defer { unsafe PQconninfoFree(options) }
        var next = unsafe options
        while let keyword = unsafe next.pointee.keyword {
            if let value = unsafe next.pointee.val {
                unsafe values.append((String(cString: keyword), String(cString: value)))
            }
            unsafe next += 1
        }
        for port in (self["port"] ?? "").split(separator: ",") {
            guard let number = UInt16(port), number > 0 else {
                throw .invalid(
                    "the endpoint's port is no number from 1 to 65535; a password with '/', '@' "
                        + "or ':' must be written with %-escapes")
            }
        }
    }

    /// Whether it begins like `keyword=value`.
    private static func isKeywords(_ text: String) -> Bool {
        text.contains("=")
            && text.prefix { $0 != "=" }.allSatisfy { $0.isLetter || $0 == "_" || $0 == " " }
    }

    /// Replaces a value; `nil` takes it away.
    package subscript(_ key: String) -> String? {
        get { values.last { $0.key == key }?.value }
        set {
            values.removeAll { $0.key == key }
            if let newValue { values.append((key, newValue)) }
        }
    }

    /// Sets a value where there is none.
    package mutating func setDefault(_ key: String, _ value: String) {
        if self[key] == nil { self[key] = value }
    }

    /// `host:port`, as postgres_exporter writes its label `server`.
    package var server: String {
        let host = self["host"] ?? self["hostaddr"] ?? "localhost"
        return host + ":" + (self["port"] ?? "5432")
    }

    /// One of the servers that are tried.
    struct Place: Sendable {
        var host: String
        /// Empty: the host is a folder of sockets.
        var address: String
        var port: String
    }

    /// The servers in their order, with an address for each host that has a name; empty where the
    /// endpoint gives addresses itself.
    func places(_ limit: inout TimeLimit) throws(PostgresError) -> [Place] {
        guard self["hostaddr"] == nil else { return [] }
        let hosts = (self["host"] ?? "localhost").split(
            separator: ",", omittingEmptySubsequences: false
        ).map { $0.isEmpty ? "localhost" : String($0) }
        let ports = (self["port"] ?? "5432").split(separator: ",").map(String.init)
        var places: [Place] = []
        var failure: PostgresError?
        for (index, host) in hosts.enumerated() {
            let port = ports.count > index ? ports[index] : ports.last ?? "5432"
            // A folder of sockets, or one in the abstract namespace.
            if host.hasPrefix("/") || host.hasPrefix("@") {
                places.append(Place(host: host, address: "", port: port))
                continue
            }
            do throws(PostgresError) {
                // A name that nobody answers for leaves time for the others.
                var share = hosts.count > 1 ? limit.share(of: hosts.count - index + 1) : limit
                places += try addresses(of: host, &share).map {
                    Place(host: host, address: $0, port: port)
                }
            } catch { failure = error }
        }
        if places.isEmpty, let failure { throw failure }
        return places
    }

    /// All keywords, for these places.
    func values(_ places: [Place]) -> [(key: String, value: String)] {
        guard !places.isEmpty else { return values }
        var result = self
        result["host"] = places.map(\.host).joined(separator: ",")
        result["port"] = places.map(\.port).joined(separator: ",")
        if places.contains(where: { !$0.address.isEmpty }) {
            result["hostaddr"] = places.map(\.address).joined(separator: ",")
        }
        return result.values
    }

    package var database: String? { self["dbname"] }
}
