import WeirJSON
package import WeirSDK

package struct IstioSettings: Decodable, Sendable {
    /// The agent's merged port, then Envoy's own, of the proxy in this pod.
    package static let ownPod = ["http://127.0.0.1:15020", "http://127.0.0.1:15090"]
    package static let families = [
        "istio_", "pilot_", "citadel_", "galley_", "sidecar_injection_", "webhook_",
        "workload_manager_",
    ]

    /// `nil`: the proxy of this pod.
    package var endpoint: String?
    package var adminEndpoint: String?
    package var families = IstioSettings.families
    package var keepLabels: [String] = []
    package var window = Duration.seconds(300)
    /// What the host connects with, but for the endpoint.
    package let client: HostSettings

    private enum CodingKeys: CodingKey {
        case endpoint, adminEndpoint, families, keepLabels, window, compression
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        endpoint = try values.decodeIfPresent(String.self, forKey: .endpoint)
        adminEndpoint = try values.decodeIfPresent(String.self, forKey: .adminEndpoint)
        families = try values.decodeIfPresent([String].self, forKey: .families) ?? families
        keepLabels = try values.decodeIfPresent([String].self, forKey: .keepLabels) ?? keepLabels
        window = try values.decodeIfPresent(Duration.self, forKey: .window) ?? window
        _ = try values.decodeIfPresent(String.self, forKey: .compression)
        client = try clientSettings(
            decoder, without: ["admin_endpoint", "families", "keep_labels", "window"])
    }
}

/// What the host connects with: all settings but these and those of the host for exporters.
func clientSettings(_ decoder: any Decoder, without own: [String]) throws -> HostSettings {
    let all = try HostSettings(from: decoder)
    let others = own + ["interval", "timeout", "initial_delay", "labels"]
    return HostSettings(
        .object((all.json.objectValue ?? []).filter { !others.contains($0.key) }))
}
