import WeirSDK

/// An element of `dns_sd_configs`.
struct DNSSDConfig: Decodable, Sendable, Hashable {
    var names: [String]
    var type: DNS.RecordType
    /// Of targets whose records have none: all types but SRV.
    var port: Int
    var refreshInterval: PrometheusDuration

    enum CodingKeys: String, CodingKey { case names, type, port, refreshInterval }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        names = try container.value(.names, or: [])
        let typeName = try container.value(.type, or: "SRV")
        port = try container.value(.port, or: 0)
        refreshInterval = try container.interval(.refreshInterval, or: .seconds(30), decoder)
        if names.isEmpty {
            throw decoder.refusal("found no names, expected at least one", at: [CodingKeys.names])
        }
        guard let known = DNSSDConfig.types[typeName.uppercased()] else {
            throw decoder.refusal(
                "found \"\(typeName)\", expected SRV, A, AAAA, MX or NS", at: [CodingKeys.type])
        }
        type = known
        if type != .srv && port == 0 {
            throw decoder.refusal(
                "records of type \(typeName.uppercased()) name no port, expected one here",
                at: [CodingKeys.port])
        }
    }

    private static let types: [String: DNS.RecordType] = [
        "SRV": .srv, "A": .a, "AAAA": .aaaa, "MX": .mx, "NS": .ns,
    ]
}
