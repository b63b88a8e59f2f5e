import WeirJSON
import WeirPrometheus
import WeirSDK
import WeirTestKit

@testable import PrometheusPlugin

/// A list of rules as it stands in a configuration, as JSON.
func rules(_ json: String) throws -> [RelabelRule] {
    try HostSettings(try JSONValue(parsing: json)).decode([RelabelRule].self)
}

extension FakeHost {
    /// Compiled by this host.
    func relabelling(_ json: String, names: NameValidation = .utf8) throws -> RelabelRules {
        try RelabelRules(rules(json), host: asSeenByPlugin, names: names)
    }
}
