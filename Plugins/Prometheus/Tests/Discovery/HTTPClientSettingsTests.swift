import Testing
import WeirJSON
import WeirSDK

@testable import PrometheusPlugin

struct HTTPClientSettingsTests {
    @Test(arguments: [
        ("{}", #"{"endpoint":"http://h:1","compression":"none","follow_redirects":true}"#),
        (
            #"{"basic_auth":{"username":"u","password_file":"/p"},"follow_redirects":false}"#,
            #"""
            {"endpoint":"http://h:1","compression":"none","follow_redirects":false,
             "auth":{"basic":{"username":"u","password_file":"/p"}}}
            """#
        ),
        (
            #"{"bearer_token_file":"/t","enable_http2":false}"#,
            #"""
            {"endpoint":"http://h:1","compression":"none","follow_redirects":true,
             "auth":{"authorization":{"type":"Bearer","credentials_file":"/t"}}}
            """#
        ),
        (
            #"{"authorization":{"type":"Token","credentials":"x"},"proxy_url":"http://p:3128"}"#,
            #"""
            {"endpoint":"http://h:1","compression":"none","follow_redirects":true,
             "proxy_url":"http://p:3128",
             "auth":{"authorization":{"type":"Token","credentials":"x"}}}
            """#
        ),
        (
            #"{"proxy_url":"http://p:3128","no_proxy":"a.b, H,c"}"#,
            #"{"endpoint":"http://h:1","compression":"none","follow_redirects":true}"#
        ),
        (
            #"""
            {"tls_config":{"ca_file":"ca","server_name":"s","min_version":"TLS13",
              "insecure_skip_verify":true},
             "http_headers":{"X-B":{"values":["1","2"],"secrets":["3"]},"X-A":{"values":["0"]}}}
            """#,
            #"""
            {"endpoint":"http://h:1","compression":"none","follow_redirects":true,
             "tls":{"ca_file":"ca","server_name_override":"s","min_version":"1.3",
                    "insecure_skip_verify":true},
             "headers":{"X-A":"0","X-B":"1","X-B":"2","X-B":"3"}}
            """#
        ),
    ])
    func becomeSettingsOfTheHost(_ json: String, _ expected: String) throws {
        let settings = try HostSettings(try JSONValue(parsing: json)).decode(
            HTTPClientSettings.self)
        let made = settings.hostSettings(endpoint: "http://h:1")
        #expect(made.json == (try JSONValue(parsing: expected)))
    }

    @Test func aTimeoutIsInNanoseconds() {
        let made = HTTPClientSettings().hostSettings(endpoint: "http://h", timeout: .seconds(2))
        #expect(made.json["timeout"] == .integer(2_000_000_000))
    }
}
