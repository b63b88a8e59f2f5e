import WeirJSON

/// A machine of the cluster.
struct ClusterNode: Sendable, Equatable {
    var meta = ObjectMeta()
    var providerID = ""
    /// Status by type.
    var conditions: [NamedText] = []
    /// Addresses by type.
    var addresses: [NamedText] = []
    var kubeletPort: Int64 = 0

    init(_ reader: inout JSONReader, version: inout String) throws(JSONError) {
        guard try reader.opensObject() else { return }
        while let key = try reader.nextKey() {
            switch key.string {
            case "metadata": meta = try ObjectMeta(&reader, version: &version)
            case "spec":
                guard try reader.opensObject() else { continue }
                while let key = try reader.nextKey() {
                    if key.equals("providerID") {
                        providerID = try reader.text()
                    } else {
                        try reader.skipValue()
                    }
                }
            case "status": try readStatus(&reader)
            default: try reader.skipValue()
            }
        }
    }

    private mutating func readStatus(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.opensObject() else { return }
        while let key = try reader.nextKey() {
            switch key.string {
            case "conditions": conditions = try reader.conditions()
            case "addresses": addresses = try reader.namedTexts("type", "address")
            case "daemonEndpoints": try readDaemons(&reader)
            default: try reader.skipValue()
            }
        }
    }

    /// `{"kubeletEndpoint": {"Port": 10250}}`
    private mutating func readDaemons(_ reader: inout JSONReader) throws(JSONError) {
        guard try reader.opensObject() else { return }
        while let key = try reader.nextKey() {
            guard key.equals("kubeletEndpoint") else {
                try reader.skipValue()
                continue
            }
            guard try reader.opensObject() else { continue }
            while let key = try reader.nextKey() {
                if key.equals("Port") {
                    kubeletPort = try reader.integer()
                } else {
                    try reader.skipValue()
                }
            }
        }
    }

    /// The address to reach it by: the most internal one.
    var address: String? {
        for type in [
            "InternalIP", "InternalDNS", "ExternalIP", "ExternalDNS", "LegacyHostIP", "Hostname",
        ] {
            if let found = addresses.first(where: { $0.name == type }) { return found.value }
        }
        return nil
    }
}
