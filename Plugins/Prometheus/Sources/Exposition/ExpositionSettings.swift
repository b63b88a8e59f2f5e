import WeirJSON
import WeirPrometheus
import WeirSDK

/// The settings of the sink `prometheus`: the Collector's, and a limit of series.
struct ExpositionSettings: Decodable, Sendable {
    var translation = TranslationOptions()
    var sendTimestamps = false
    var enableOpenMetrics = false
    /// Nanoseconds; `nil`: series stay for ever.
    var expiration: UInt64?
    var maximumSeries = Int.max
    /// What the host listens with: all that is not this sink's own.
    let server: HostSettings

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case endpoint, namespace, constLabels, sendTimestamps, metricExpiration, enableOpenMetrics
        case resourceToTelemetryConversion, withoutScopeInfo, addMetricSuffixes
        case translationStrategy, targetInfo, maxSeries
    }

    private struct Conversion: Decodable {
        var enabled = false
        var excludeServiceAttributes = false
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func read<T: Decodable>(_ key: CodingKeys, or standard: T) throws -> T {
            try values.decodeIfPresent(T.self, forKey: key) ?? standard
        }
        let endpoint = try read(.endpoint, or: "localhost:9464")
        translation.namespace = try read(.namespace, or: "")
        translation.constantLabels = try read(.constLabels, or: [String: String]())
            .sorted { $0.key < $1.key }.map { Label($0.key, $0.value) }
        sendTimestamps = try read(.sendTimestamps, or: false)
        enableOpenMetrics = try read(.enableOpenMetrics, or: false)
        let expiration = try read(.metricExpiration, or: Duration.seconds(300))
        self.expiration = expiration > .zero ? expiration.clampedNanoseconds : nil
        let conversion = try read(.resourceToTelemetryConversion, or: Conversion())
        translation.resourceToTelemetryConversion = conversion.enabled
        translation.excludesServiceAttributes = conversion.excludeServiceAttributes
        translation.scopeLabels = try !read(.withoutScopeInfo, or: false)
        let suffixes = try read(.addMetricSuffixes, or: true)
        translation.strategy = try read(
            .translationStrategy,
            or: suffixes ? .underscoreEscapingWithSuffixes : .underscoreEscapingWithoutSuffixes)
        translation.targetInfo = try read(.targetInfo, or: true)
        let limit = try read(.maxSeries, or: 1_000_000)
        maximumSeries = limit > 0 ? limit : .max
        let own = Set(CodingKeys.allCases.map(\.snakeCase))
        var members = try HostSettings(from: decoder).json.objectValue ?? []
        members.removeAll { own.contains($0.key) }
        members.append(JSONMember("endpoint", .string(endpoint)))
        server = HostSettings(.object(members))
    }
}

extension CodingKey {
    /// `metricExpiration` is `metric_expiration`.
    fileprivate var snakeCase: String {
        var name = ""
        for character in stringValue {
            name += character.isUppercase ? "_" + character.lowercased() : String(character)
        }
        return name
    }
}
