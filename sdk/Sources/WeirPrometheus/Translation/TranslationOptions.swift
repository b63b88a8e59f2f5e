/// How OTLP names become Prometheus names; by the words of the Collector's `translation_strategy`.
public enum TranslationStrategy: String, Sendable, Hashable, CaseIterable, Decodable {
    /// What Prometheus does not allow becomes `_`, and names get their unit and `_total`.
    case underscoreEscapingWithSuffixes = "UnderscoreEscapingWithSuffixes"
    case underscoreEscapingWithoutSuffixes = "UnderscoreEscapingWithoutSuffixes"
    /// Names keep all of UTF-8, and get their unit and `_total`.
    case noUTF8EscapingWithSuffixes = "NoUTF8EscapingWithSuffixes"
    /// Names stay as they are.
    case noTranslation = "NoTranslation"

    public var escapes: Bool {
        self == .underscoreEscapingWithSuffixes || self == .underscoreEscapingWithoutSuffixes
    }

    public var addsSuffixes: Bool {
        self == .underscoreEscapingWithSuffixes || self == .noUTF8EscapingWithSuffixes
    }
}

/// What a translation from OTLP to Prometheus adds, keeps and refuses.
///
/// Metrics that came from Prometheus (``Provenance``) keep name and labels whatever is set here,
/// but for ``namespace`` and ``constantLabels``.
public struct TranslationOptions: Sendable, Hashable {
    public var strategy = TranslationStrategy.underscoreEscapingWithSuffixes
    /// Put before each metric's name, with `_` between.
    public var namespace = ""
    /// Labels of every series that does not have them itself.
    public var constantLabels: [Label] = []
    /// All attributes of the resource become labels of each of its series.
    public var resourceToTelemetryConversion = false
    /// With the conversion: all but `service.namespace`, `service.name` and `service.instance.id`,
    /// which `job` and `instance` are made of.
    public var excludesServiceAttributes = false
    /// A series `target_info` for each resource that has more than its job and instance.
    public var targetInfo = true
    /// Labels `otel_scope_name`, `otel_scope_version` and so on.
    public var scopeLabels = true
    /// Delta sums and histograms are handed out; otherwise they are counted and left out.
    public var takesDelta = false
    /// How long a series is remembered that is not seen.
    public var memory = Duration.seconds(300)
    /// How many series are remembered at most. Points of others are left out.
    public var maximumSeries = Int.max

    public init() {}
}
