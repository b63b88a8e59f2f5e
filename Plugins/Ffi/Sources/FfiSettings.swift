import WeirJSON
package import WeirSDK

package struct FfiSettings: Decodable, Sendable {
    package var library: String
    package var prefix = ""
    package var environment: [String: String]?
    package var calls: [CallSettings]
    /// Passed on to the worker, which knows the types.
    package let structs: HostSettings?

    private enum CodingKeys: CodingKey { case library, prefix, environment, calls, structs }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        library = try values.decode(String.self, forKey: .library)
        prefix = try values.decodeIfPresent(String.self, forKey: .prefix) ?? prefix
        environment = try values.decodeIfPresent([String: String].self, forKey: .environment)
        calls = try values.decode([CallSettings].self, forKey: .calls)
        structs = try values.decodeIfPresent(HostSettings.self, forKey: .structs)
    }
}

package struct CallSettings: Decodable, Sendable {
    package var function: String
    package var returns: String
    package var arguments: [ArgumentSettings]?
    package var expect: ExpectSettings?
    package var metrics: [MetricSettings]?
}

package struct ArgumentSettings: Decodable, Sendable {
    package var name: String
    package var type: String
    package var direction: String
    package var value: HostSettings?
}

/// When a call succeeded.
package struct ExpectSettings: Decodable, Sendable {
    package var equals: Double?
    package var atLeast: Double?
    package var not: Double?

    /// What is wrong with a number that was returned, if something is.
    func fault(_ found: Double) -> String? {
        if let equals, found != equals { return "expected \(equals)" }
        if let atLeast, found < atLeast { return "expected at least \(atLeast)" }
        if let not, found == not { return "expected another number" }
        return nil
    }
}

package struct MetricSettings: Decodable, Sendable {
    package var name: String
    package var value: String
    package var type: String
    package var help: String
    package var unit: String
    package var scale: Double
    package var count: String?
    package var labels: [String: String]?
    package var indexNames: [String]?
}
