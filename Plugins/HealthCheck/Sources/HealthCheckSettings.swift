import WeirJSON
package import WeirSDK

package struct HealthCheckSettings: Decodable, Sendable {
    package var path = "/"
    package var responseBody = ResponseBody()
    /// What the host listens with: all that is not this plugin's own.
    package let server: HostSettings

    private enum CodingKeys: CodingKey {
        case endpoint, path, responseBody
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        path = try values.decodeIfPresent(String.self, forKey: .path) ?? path
        responseBody =
            try values.decodeIfPresent(ResponseBody.self, forKey: .responseBody) ?? responseBody
        // Read here only to be known as read: it is the host's business.
        let endpoint = try values.decodeIfPresent(String.self, forKey: .endpoint)
        let all = try HostSettings(from: decoder)
        var members = all.json.objectValue ?? []
        members.removeAll { $0.key == "path" || $0.key == "response_body" }
        if endpoint == nil { members.append(JSONMember("endpoint", .string("localhost:13133"))) }
        server = HostSettings(.object(members))
    }
}

/// Texts that take the place of the plugin's own.
package struct ResponseBody: Decodable, Sendable {
    package var healthy: String?
    package var unhealthy: String?

    package init() {}
}
