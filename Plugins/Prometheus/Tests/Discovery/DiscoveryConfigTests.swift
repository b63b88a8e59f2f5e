import Testing
import WeirSDK

@testable import PrometheusPlugin

struct DiscoveryConfigTests {
    @Test(arguments: [
        (
            #""file_sd_configs":[{}]"#,
            "file_sd_configs[0].files: found no files, expected at least one"
        ),
        (
            #""file_sd_configs":[{"files":["/a/*/b.json"]}]"#,
            "file_sd_configs[0].files: found \"/a/*/b.json\", expected a path that ends in .json, "
                + ".yml or .yaml, with * in its last element only"
        ),
        (
            #""file_sd_configs":[{"files":["a.json"],"refresh_interval":"soon"}]"#,
            "file_sd_configs[0].refresh_interval: found \"soon\", expected a duration such as 30s, "
                + "5m or 1h30m"
        ),
        (
            #""http_sd_configs":[{"url":"ftp://x"}]"#,
            "http_sd_configs[0].url: found \"ftp://x\", expected http://host:port/path or https://…"
        ),
        (
            #""dns_sd_configs":[{"names":["a"],"type":"TXT"}]"#,
            "dns_sd_configs[0].type: found \"TXT\", expected SRV, A, AAAA, MX or NS"
        ),
        (
            #""dns_sd_configs":[{"names":["a"],"type":"a"}]"#,
            "dns_sd_configs[0].port: records of type A name no port, expected one here"
        ),
        (
            #""docker_sd_configs":[{"host":"/var/run/docker.sock"}]"#,
            "docker_sd_configs[0].host: found \"/var/run/docker.sock\", expected unix:///path, "
                + "tcp://host:port, http://host:port or https://host:port"
        ),
        (
            #""kubernetes_sd_configs":[{}]"#,
            "kubernetes_sd_configs[0].role: found no role, expected one of pod, service, endpoints, "
                + "endpointslice, node, ingress"
        ),
        (
            #""kubernetes_sd_configs":[{"role":"pod","selectors":[{"role":"service"}]}]"#,
            "kubernetes_sd_configs[0].selectors: found one for service, the role pod takes them for "
                + "pod, node"
        ),
        (
            #""kubernetes_sd_configs":[{"role":"pod","bearer_token":"x"}]"#,
            "kubernetes_sd_configs[0].api_server: found settings of an HTTP client, which need "
                + "api_server; in a cluster the service account says all of it"
        ),
        (
            #""http_sd_configs":[{"url":"http://x","basic_auth":{},"bearer_token":"t"}]"#,
            "http_sd_configs[0].basic_auth: found more than one of basic_auth, authorization and "
                + "bearer_token, expected one"
        ),
        (
            #""http_sd_configs":[{"url":"http://x","tls_config":{"cert_file":"c"}}]"#,
            "http_sd_configs[0].tls_config: found one of cert_file and key_file, expected both or "
                + "none"
        ),
    ])
    func whatMakesNoSenseIsRefused(_ json: String, _ message: String) {
        let error = #expect(throws: ComponentError.self) { try discoveryConfig("{\(json)}") }
        #expect(error?.message == "settings: " + message)
    }

    @Test(
        arguments: [
            ("1h30m", 5_400_000), ("15s", 15_000), ("500ms", 500), ("1d", 86_400_000),
            ("1y1w", 372 * 86_400_000), ("0", 0), ("1m1m", nil), ("1s1m", nil), ("1.5s", nil),
            ("5", nil), ("", nil), ("s", nil), ("-1s", nil), ("300y", nil),
        ] as [(String, Int64?)])
    func durationsOfPrometheus(_ text: String, _ milliseconds: Int64?) {
        #expect(
            PrometheusDuration(parsing: text)?.duration
                == milliseconds.map { Duration.milliseconds($0) })
    }

    @Test(arguments: [
        ("http://h:1/a?b#c", "http://h:1", "/a?b", "h"),
        ("https://u:p@[::1]:2?x=1", "https://u:p@[::1]:2", "/?x=1", "::1"),
        ("unix:///var/run/d.sock", "unix://", "/var/run/d.sock", ""),
    ])
    func urlsComeApart(_ url: String, _ origin: String, _ path: String, _ host: String) throws {
        let parts = try #require(URLParts(url))
        #expect(parts.origin == origin)
        #expect(parts.path == path)
        #expect(parts.host == host)
        #expect(!URLParts.withoutUser(url).contains("u:p"))
    }
}
