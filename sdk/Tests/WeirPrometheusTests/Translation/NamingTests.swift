import Testing

@testable import WeirPrometheus

struct NamingTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var unit: String
        var kind: MetricNaming.Kind
        var strategy = TranslationStrategy.underscoreEscapingWithSuffixes
        var namespace = ""
        var expected: String?

        init(
            _ name: String, _ unit: String, _ kind: MetricNaming.Kind, _ expected: String?,
            _ strategy: TranslationStrategy = .underscoreEscapingWithSuffixes,
            namespace: String = ""
        ) {
            self.name = name
            self.unit = unit
            self.kind = kind
            self.strategy = strategy
            self.namespace = namespace
            self.expected = expected
        }

        var testDescription: String { "\(name) [\(unit)] \(kind) \(strategy) \(namespace)" }
    }

    /// The expected names are what Prometheus' own translation gives.
    @Test(arguments: [
        Row("http.server.duration", "s", .other, "http_server_duration_seconds"),
        Row("requests", "", .counter, "requests_total"),
        Row("requests_total", "", .counter, "requests_total"),
        Row("total.requests", "", .counter, "requests_total"),
        Row("requests", "1", .counter, "requests_total"),
        Row("cpu.usage", "1", .gauge, "cpu_usage_ratio"),
        Row("cpu_usage_ratio", "1", .gauge, "cpu_usage_ratio"),
        Row("ratio.of.cpu", "1", .gauge, "of_cpu_ratio"),
        Row("usage", "1", .other, "usage"),
        Row("response_time", "ms", .gauge, "response_time_milliseconds"),
        Row("response_time_seconds", "s", .gauge, "response_time_seconds"),
        Row("memory.usage", "By", .gauge, "memory_usage_bytes"),
        Row("memory", "KiBy", .gauge, "memory_kibibytes"),
        Row("requests", "1/s", .gauge, "requests_per_second"),
        Row("throughput", "By/s", .gauge, "throughput_bytes_per_second"),
        Row("speed", "km/h", .gauge, "speed_km_per_hour"),
        Row("speed", "m/m", .gauge, "speed_meters_per_minute"),
        Row("custom", "{custom}", .gauge, "custom"),
        Row("custom", "By/{custom}", .gauge, "custom_bytes"),
        Row("custom", "{packets}/s", .gauge, "custom_per_second"),
        Row("custom", "odd unit", .gauge, "custom_odd_unit"),
        Row("custom", "a/b/c", .gauge, "custom_a_per_b_c"),
        Row("temperature", "Cel", .gauge, "temperature_celsius"),
        Row("load", "%", .gauge, "load_percent"),
        Row("uptime", " s ", .counter, "uptime_seconds_total"),
        Row("a__b..c", "", .gauge, "a_b_c"),
        Row("_a", "", .gauge, "a"),
        Row("5xx", "", .counter, "_5xx_total"),
        Row("ns:sub", "", .gauge, "ns:sub"),
        Row("größe", "", .gauge, "gr_e"),
        Row("", "s", .gauge, nil),
        Row("日本", "", .gauge, nil),
        Row("日本", "s", .gauge, "seconds"),
        Row("foo", "s", .counter, "app_foo_seconds_total", namespace: "app"),
        Row(
            "metric@with#chars", "", .gauge, "metric_with_chars", .underscoreEscapingWithoutSuffixes
        ),
        Row("a__b", "s", .counter, "a__b", .underscoreEscapingWithoutSuffixes),
        Row("123m", "", .gauge, "_123m", .underscoreEscapingWithoutSuffixes),
        Row("@#$%", "", .gauge, nil, .underscoreEscapingWithoutSuffixes),
        Row("@_#_$_%", "", .gauge, nil, .underscoreEscapingWithoutSuffixes),
        Row("m", "", .gauge, "te_st_m", .underscoreEscapingWithoutSuffixes, namespace: "te@st!!"),
        Row("http.dur", "s", .counter, "http.dur_seconds_total", .noUTF8EscapingWithSuffixes),
        Row("cpu_seconds_total", "s", .counter, "cpu_seconds_total", .noUTF8EscapingWithSuffixes),
        Row("x", "By/s", .gauge, "x_bytes_per_second", .noUTF8EscapingWithSuffixes),
        Row("x_ratio", "1", .gauge, "x_ratio", .noUTF8EscapingWithSuffixes),
        Row("größe", "1", .gauge, "größe_ratio", .noUTF8EscapingWithSuffixes),
        Row("http.dur", "s", .counter, "http.dur", .noTranslation),
        Row("http.dur", "s", .counter, "ns_http.dur", .noTranslation, namespace: "ns"),
    ])
    func metricNames(_ row: Row) {
        let naming = MetricNaming(strategy: row.strategy, namespace: row.namespace)
        #expect(naming.name(row.name, unit: row.unit, row.kind) == row.expected)
    }

    @Test(arguments: [
        ("label:with:colons", "label_with_colons"), ("http.method", "http_method"),
        ("label!with&special$chars)", "label_with_special_chars_"), (".foo", "_foo"),
        ("_under", "_under"), ("__under", "_under"), ("123label", "key_123label"),
        ("a__b", "a_b"), ("__reserved__label__name__", "__reserved_label_name__"),
        ("trailing___", "trailing_"), ("字符_x", "_x"), ("ようこそ", nil), ("", nil),
        ("__", nil), ("____", nil),
    ])
    func labelNames(_ key: String, _ expected: String?) {
        #expect(LabelNaming(escapes: true).name(key) == expected)
    }

    @Test(arguments: [("http.method", "http.method"), ("字符", "字符"), ("__", nil), ("", nil)])
    func labelNamesInUTF8(_ key: String, _ expected: String?) {
        #expect(LabelNaming(escapes: false).name(key) == expected)
    }

    @Test func collidingKeysJoinTheirValues() {
        var labels = Labels([Label("b", "scope")])
        LabelNaming(escapes: true).add(
            [("a_b", "3"), ("a.b", "2"), ("a-b", "1"), ("b", "own"), ("__name__", "x")],
            to: &labels)
        #expect(labels.description == #"{a_b="1;2;3", b="own"}"#)
    }

    @Test(arguments: [
        ("s", "seconds"), ("By/s", "bytes_per_second"), ("1", ""), ("{x}", ""),
        ("1/s", "per_second"),
        ("", ""), ("ms", "milliseconds"), ("{a}/{b}", ""), ("odd unit", "odd_unit"),
    ])
    func units(_ unit: String, _ expected: String) {
        #expect(UnitWords(unit).joined == expected)
    }
}
