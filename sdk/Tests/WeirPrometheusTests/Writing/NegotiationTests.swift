import Testing

@testable import WeirPrometheus

struct NegotiationTests {
    static let prometheus3 =
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
        + "application/openmetrics-text;version=0.0.1;q=0.5,"
        + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,"
        + "*/*;q=0.2"
    static let nativeHistograms =
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
        + "encoding=delimited;q=0.7," + prometheus3
    static let text = "text/plain; version=0.0.4; charset=utf-8"
    static let protobuf =
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
        + "encoding=delimited"

    @Test(arguments: [
        (nil, text), ("", text), ("*/*", text), ("text/html", text), ("nonsense;;=,,", text),
        ("application/json;q=1, text/plain;version=0.0.4;q=0.1", text),
        (
            "application/openmetrics-text",
            "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
        ),
        (
            "application/openmetrics-text;version=0.0.1",
            "application/openmetrics-text; version=0.0.1; charset=utf-8"
        ),
        ("application/openmetrics-text;version=9.9.9", text),
        ("application/openmetrics-text;q=0", text),
        (
            "text/plain;q=0.5,application/openmetrics-text;q=0.6;version=\"1.0.0\"",
            "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
        ),
        (
            prometheus3,
            "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
        ),
        (nativeHistograms, protobuf),
        ("application/vnd.google.protobuf;proto=other.Type;encoding=delimited", text),
        (
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text",
            text
        ),
        (
            "text/plain;version=1.0.0;escaping=allow-utf-8",
            "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
        ),
        (
            "text/plain;version=1.0.0;escaping=values",
            "text/plain; version=1.0.0; charset=utf-8; escaping=values"
        ),
        (
            "text/plain;version=1.0.0;escaping=nonsense",
            "text/plain; version=1.0.0; charset=utf-8; escaping=underscores"
        ),
        ("TEXT/PLAIN; Q=1", text), ("text/plain;q=nan", text),
    ])
    func contentTypes(_ accept: String?, _ expected: String) {
        #expect(ExpositionDialect(accept: accept, openMetrics: true).contentType == expected)
    }

    @Test func openMetricsOnlyIfOffered() {
        let dialect = ExpositionDialect(accept: Self.prometheus3, openMetrics: false)
        #expect(dialect == ExpositionDialect(.text(version: "1.0.0"), .allowUTF8))
    }

    @Test(arguments: [
        ("http.requests_total", NameEscaping.allowUTF8, "http.requests_total"),
        ("http.requests_total", .underscores, "http_requests_total"),
        ("http.requests_total", .dots, "http_dot_requests__total"),
        ("http.requests_total", .values, "U__http_2e_requests__total"),
        ("plain_name:x", .underscores, "plain_name:x"), ("plain_name:x", .values, "plain_name:x"),
        ("plain_name", .dots, "plain__name"), ("größe/h", .underscores, "gr__e_h"),
        ("größe", .values, "U__gr_f6__df_e"), ("größe", .dots, "gr____e"),
        ("5xx", .underscores, "_xx"),
        ("5xx", .values, "U___35_xx"),
    ])
    func names(_ name: String, _ escaping: NameEscaping, _ expected: String) {
        #expect(escaping.escaped(name) == expected)
    }

    @Test func labelsHaveNoColon() {
        #expect(NameEscaping.underscores.escaped("a:b", isLabel: true) == "a_b")
        #expect(!NameEscaping.isPlain("a:b", isLabel: true))
        #expect(!NameEscaping.isPlain(""))
    }
}
