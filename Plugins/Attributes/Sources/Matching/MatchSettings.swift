import WeirTelemetry

/// `include` or `exclude`: which spans, log records and data points are meant. Lists are of
/// alternatives, `attributes` and `resources` of conditions that all hold; what is given must hold
/// together.
struct MatchSettings: Decodable, Sendable {
    struct Condition: Decodable, Sendable {
        var key: String
        /// Without it the attribute only has to be there.
        var value: AttributeValue?

        private enum Keys: String, CodingKey { case key, value }

        init(from decoder: any Decoder) throws {
            let settings = try decoder.container(keyedBy: Keys.self)
            key = try settings.decode(String.self, forKey: .key)
            value = try settings.decodeIfPresent(ValueSetting.self, forKey: .value)?.value
        }
    }

    var services: [String]
    var resources: [Condition]
    var spanNames: [String]
    var logBodies: [String]
    var metricNames: [String]
    var attributes: [Condition]

    private enum Keys: String, CodingKey {
        case services, resources, attributes
        case matchType = "match_type"
        case spanNames = "span_names"
        case logBodies = "log_bodies"
        case metricNames = "metric_names"
    }

    init(from decoder: any Decoder) throws {
        let settings = try decoder.container(keyedBy: Keys.self)
        func fail(_ message: String) -> DecodingError {
            .dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: message))
        }
        func names(_ key: Keys) throws -> [String] {
            try settings.decodeIfPresent([String].self, forKey: key) ?? []
        }
        let type = try settings.decode(String.self, forKey: .matchType)
        guard type == "strict" else {
            throw fail("found match_type \"\(type)\", expected strict, the only one there is")
        }
        services = try names(.services)
        resources = try settings.decodeIfPresent([Condition].self, forKey: .resources) ?? []
        spanNames = try names(.spanNames)
        logBodies = try names(.logBodies)
        metricNames = try names(.metricNames)
        attributes = try settings.decodeIfPresent([Condition].self, forKey: .attributes) ?? []
        let isEmpty =
            services.isEmpty && resources.isEmpty && spanNames.isEmpty && logBodies.isEmpty
            && metricNames.isEmpty && attributes.isEmpty
        guard !isEmpty else {
            throw fail(
                "found no condition, expected at least one of services, resources, span_names, "
                    + "log_bodies, metric_names and attributes")
        }
    }
}
