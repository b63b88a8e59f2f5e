import WeirJSON
package import WeirSDK

package struct EnvoySettings: Decodable, Sendable {
    package var usedOnly = false
    package var filter = ""
    /// What the host connects with.
    package let client: HostSettings

    private enum CodingKeys: CodingKey { case endpoint, usedOnly, filter, compression }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        usedOnly = try values.decodeIfPresent(Bool.self, forKey: .usedOnly) ?? usedOnly
        filter = try values.decodeIfPresent(String.self, forKey: .filter) ?? filter
        let endpoint = try values.decodeIfPresent(String.self, forKey: .endpoint)
        _ = try values.decodeIfPresent(String.self, forKey: .compression)
        client = try clientSettings(decoder, without: ["used_only", "filter"])
            .replacing(endpoint: endpoint ?? "http://127.0.0.1:9901")
    }
}
