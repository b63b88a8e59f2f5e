import Testing
import WeirPrometheus
import WeirSDK
import WeirTestKit

@testable import PrometheusPlugin

struct HTTPDiscoveryTests {
    private static let config = #"{"http_sd_configs":[{"url":"http://sd:1/t?a=b"}]}"#

    @Test func groupsOfAnAnswerBecomeTargets() throws {
        let host = FakeHost()
        host.client.answer { _ in
            .json(#"[{"targets":["a:1"],"labels":{"x":"y"}},{"targets":["b:1","b:2"]}]"#)
        }
        let run = try DiscoveryRun(HTTPDiscoveryTests.config, host: host)
        #expect(run.found.addresses == ["a:1", "b:1", "b:2"])
        #expect(
            run.found.all[0]
                == labels([
                    "__address__": "a:1", "x": "y", "__meta_url": "http://sd:1/t?a=b",
                ]))
        let sent = try #require(host.client.sent.first)
        #expect(sent.method == "GET")
        #expect(sent.path == "/t?a=b")
        #expect(sent.headers.contains(Header("accept", "application/json")))
        #expect(sent.headers.contains(Header("x-prometheus-refresh-interval-seconds", "60")))

        host.client.answer { _ in .json(#"[{"targets":["a:2"]}]"#) }
        host.advance(by: .seconds(60))
        #expect(host.client.sent.count == 2)
        #expect(run.found.addresses == ["a:2"])
        run.stop()
    }

    @Test(arguments: [
        (FakeReply.json("[]", code: 500), "status 500"),
        (FakeReply(code: 200, body: Array("[]".utf8), contentType: "text/html"), "content type"),
        (FakeReply.json("[{"), "not valid JSON"),
        (FakeReply.json("[null]"), "[0]: found no mapping"),
        (FakeReply.failure(.retry("connection refused")), "connection refused"),
    ])
    func aFailureKeepsTheTargets(_ reply: FakeReply, _ reason: String) throws {
        let host = FakeHost()
        host.client.answer { _ in .json(#"[{"targets":["a:1"]}]"#) }
        let run = try DiscoveryRun(HTTPDiscoveryTests.config, host: host)
        host.client.answer { _ in reply }
        host.advance(by: .seconds(180))
        #expect(run.found.addresses == ["a:1"])
        #expect(run.warnings.count == 1)
        #expect(run.discovery.status[0].failures == 3)
        #expect(run.discovery.status[0].lastError.contains(reason))

        host.client.answer { _ in .json("[]") }
        host.advance(by: .seconds(60))
        #expect(run.found.addresses == [])
        #expect(run.discovery.status[0].lastError == "")
        run.stop()
    }

    @Test func anAnswerAfterTheEndIsNotHeard() throws {
        let host = FakeHost()
        host.client.answer { _ in nil }
        let run = try DiscoveryRun(HTTPDiscoveryTests.config, host: host)
        host.advance(by: .seconds(120))
        #expect(host.client.sent.count == 1, "one look at a time")
        run.stop()
        #expect(run.found.calls == [])
        #expect(run.warnings == [])
    }

    @Test func equalServersShareAClient() throws {
        let host = FakeHost()
        host.client.answer { _ in .json("[]") }
        let run = try DiscoveryRun(
            #"{"http_sd_configs":[{"url":"http://sd/a"},{"url":"http://sd/b"}]}"#, host: host)
        #expect(host.client.sent.map(\.path) == ["/a", "/b"])
        #expect(Set(host.client.sent.map(\.settings)).count == 1)
        run.stop()
    }
}
