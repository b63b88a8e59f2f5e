public import WeirJSON

/// Settings that are the host's business: what stands under `{"$ref": "weir:http_client"}`.
///
/// A component passes them on when it opens a listener or a client, unread.
public struct HostSettings: Decodable, Sendable, Equatable {
    public let json: JSONValue

    public init(_ json: JSONValue) { self.json = json }

    public init(from decoder: any Decoder) throws {
        guard let decoder = decoder as? SettingsDecoder else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "HostSettings are decoded by the SDK only"))
        }
        json = decoder.value
    }
}
