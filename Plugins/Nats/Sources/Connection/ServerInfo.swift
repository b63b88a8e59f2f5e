import WeirJSON
package import WeirSDK

/// What a server says of itself.
package struct ServerInfo: Sendable, Equatable {
    package var version = ""
    /// Bytes that a message may have, with its headers.
    package var maxPayload = 1 << 20
    package var hasHeaders = false
    package var requiresTLS = false
    package var offersTLS = false
    /// It is about to end, and wants its clients to go elsewhere.
    package var isLeaving = false

    package init(parsing bytes: [UInt8]) throws(ComponentError) {
        guard let json = try? JSONValue(parsing: bytes), json.objectValue != nil else {
            throw .refused("what the server says of itself (INFO) is not JSON: is it NATS?")
        }
        version = json["version"]?.stringValue ?? ""
        if let most = json["max_payload"]?.integerValue, most > 0 {
            maxPayload = Int(clamping: most)
        }
        hasHeaders = json["headers"]?.boolValue ?? false
        requiresTLS = json["tls_required"]?.boolValue ?? false
        offersTLS = requiresTLS || json["tls_available"]?.boolValue ?? false
        isLeaving = json["ldm"]?.boolValue ?? false
    }
}
