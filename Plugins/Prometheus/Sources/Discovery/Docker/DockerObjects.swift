import WeirJSON

/// What Docker's API says of a container, as far as labels need it.
struct DockerContainer: Sendable {
    struct Port: Sendable {
        var ip: String
        var privatePort: Int64
        /// 0: it is not published.
        var publicPort: Int64
        var type: String
    }

    struct Network: Sendable {
        var name: String
        var id: String
        var ip: String
    }

    var id: String
    var name: String
    var image: String
    var imageID: String
    var networkMode: String
    var labels: [(name: String, value: String)]
    var ports: [Port]
    /// In the order of names.
    var networks: [Network]

    /// `nil` for a container without a name, which is about to go.
    init?(_ json: JSONValue) {
        guard let id = json["Id"]?.stringValue,
            let name = json["Names"]?.arrayValue?.first?.stringValue
        else { return nil }
        self.id = id
        self.name = name
        image = json["Image"]?.stringValue ?? ""
        imageID = json["ImageID"]?.stringValue ?? ""
        networkMode = json["HostConfig"]?["NetworkMode"]?.stringValue ?? ""
        labels = texts(json["Labels"])
        ports = (json["Ports"]?.arrayValue ?? []).map { port in
            Port(
                ip: port["IP"]?.stringValue ?? "",
                privatePort: port["PrivatePort"]?.integerValue ?? 0,
                publicPort: port["PublicPort"]?.integerValue ?? 0,
                type: port["Type"]?.stringValue ?? "")
        }
        let all = json["NetworkSettings"]?["Networks"]?.objectValue ?? []
        networks = all.filter { $0.value != .null }.map { member in
            let ip = member.value["IPAddress"]?.stringValue ?? ""
            return Network(
                name: member.key, id: member.value["NetworkID"]?.stringValue ?? "",
                ip: ip.isEmpty ? member.value["GlobalIPv6Address"]?.stringValue ?? "" : ip)
        }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}

struct DockerNetwork: Sendable {
    var id: String
    var name: String
    var scope: String
    var isInternal: Bool
    var isIngress: Bool
    var labels: [(name: String, value: String)]

    init?(_ json: JSONValue) {
        guard let id = json["Id"]?.stringValue else { return nil }
        self.id = id
        name = json["Name"]?.stringValue ?? ""
        scope = json["Scope"]?.stringValue ?? ""
        isInternal = json["Internal"]?.boolValue ?? false
        isIngress = json["Ingress"]?.boolValue ?? false
        labels = texts(json["Labels"])
    }
}

private func texts(_ json: JSONValue?) -> [(name: String, value: String)] {
    (json?.objectValue ?? []).compactMap { member in
        member.value.stringValue.map { (member.key, $0) }
    }
}
