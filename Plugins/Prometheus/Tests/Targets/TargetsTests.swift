import Testing
import WeirJSON
import WeirSDK
import WeirTestKit

@testable import PrometheusPlugin

struct TargetsTests {
    private let relabelling = """
        "params": {"token": ["geheim"]}, "basic_auth": {"username": "u", "password": "geheim"},
        "relabel_configs": [
          {"source_labels": ["__address__"], "regex": "ok.*|bad.*", "action": "keep"},
          {"source_labels": ["__address__"], "regex": "bad.*", "target_label": "__scheme__",
           "replacement": "gopher"}]
        """

    private func bench() throws -> ScrapeBench {
        let bench = try ScrapeBench(
            relabelling, targets: #"["ok:1", "ok<script>:2", "no:1", "bad:1"]"#,
            answer: { request in
                request.settings.contains("script")
                    ? .failure(.refused("<b>refused</b>")) : .text("a 1\n")
            })
        bench.host.advance(by: .seconds(15))
        return bench
    }

    private func data(_ bench: ScrapeBench, _ query: String = "") throws -> JSONValue {
        let json = try JSONValue(parsing: try bench.targets(query))
        #expect(json["status"]?.stringValue == "success")
        return json["data"] ?? .null
    }

    @Test func answersAsPrometheus() throws {
        let bench = try bench()
        let data = try data(bench)
        let active = (data["activeTargets"]?.arrayValue ?? []).filter {
            $0["discoveredLabels"]?["__address__"]?.stringValue == "ok:1"
        }
        let target = try #require(active.first)
        #expect(
            target.objectValue?.map(\.key) == [
                "discoveredLabels", "labels", "scrapePool", "scrapeUrl", "globalUrl", "lastError",
                "lastScrape", "lastScrapeDuration", "health", "scrapeInterval", "scrapeTimeout",
            ])
        #expect(target["scrapeUrl"]?.stringValue == "http://ok:1/metrics?token=<secret>")
        #expect(target["labels"]?["instance"]?.stringValue == "ok:1")
        #expect(target["health"]?.stringValue == "up")
        #expect(target["lastError"]?.stringValue == "")
        #expect(target["scrapeInterval"]?.stringValue == "15s")
        #expect(target["scrapeTimeout"]?.stringValue == "10s")
        #expect(target["lastScrape"]?.stringValue?.hasPrefix("2025-01-01T00:00:") == true)
        try bench.end()
    }

    @Test func saysWhichRuleDropped() throws {
        let bench = try bench()
        let dropped = try data(bench, "state=dropped")["droppedTargets"]?.arrayValue ?? []
        func reason(_ address: String) -> String? {
            dropped.first { $0["discoveredLabels"]?["__address__"]?.stringValue == address }?[
                "dropReason"]?.stringValue
        }
        #expect(
            reason("no:1")
                == #"rule 1 of relabel_configs: keep: "no:1" (__address__) does not match ok.*|bad.*"#
        )
        #expect(reason("bad:1") == #"__scheme__ is "gopher", expected http or https"#)
        try bench.end()
    }

    @Test func filtersByStateAndPool() throws {
        let bench = try bench()
        #expect(try data(bench, "scrapePool=x")["activeTargets"]?.arrayValue?.isEmpty == true)
        #expect(try data(bench, "state=dropped")["activeTargets"]?.arrayValue?.isEmpty == true)
        let active = try data(bench, "state=active")
        #expect(active["droppedTargets"]?.arrayValue?.isEmpty == true)
        #expect(active["activeTargets"]?.arrayValue?.isEmpty == false)
        #expect(
            try data(bench, "state=any")["droppedTargetCounts"]?[bench.job]?.integerValue == 1)
        try bench.end()
    }

    @Test func pageIsSelfContainedAndSafe() throws {
        let bench = try bench()
        let exchange = try #require(
            bench.host.admin.send("GET", "/targets", query: "job=\(bench.job)"))
        let response = try #require(exchange.response)
        let page = String(decoding: response.body, as: UTF8.self)
        #expect(response.contentType == "text/html; charset=utf-8")
        #expect(page.contains("http://ok:1/metrics?token=&lt;secret&gt;"))
        #expect(page.contains("&lt;b&gt;refused"))
        #expect(!page.contains("<script") && !page.contains("<b>refused"))
        #expect(!page.contains("src=") && !page.contains("@import") && !page.contains("url("))
        #expect(page.contains("does not match ok.*|bad.*"))
        try bench.end()
    }

    /// The form of the page, as a browser without scripts sends it. `ok:1` is up, `ok<script>:2` is
    /// down, `bad:1` cannot be scraped, and `no:1` is dropped.
    @Test(arguments: [
        ("", ["ok:1", "ok<script>:2", "bad:1", "no:1"]),
        ("job=&health=&search=", ["ok:1", "ok<script>:2", "bad:1", "no:1"]),
        ("health=up", ["ok:1"]), ("health=down", ["ok<script>:2", "bad:1"]),
        ("health=unknown", []), ("search=SCRIPT", ["ok<script>:2"]),
        ("search=refused", ["ok<script>:2"]), ("search=no%3A1", ["no:1"]),
        ("search=__address__%3Dok", ["ok:1", "ok<script>:2"]),
        ("search=gopher", ["bad:1"]), ("health=up&search=script", []),
        ("health=down&search=bad", ["bad:1"]), ("search=nothing+such", []),
        ("job=other&search=ok", []), ("search=instance%3Dok%3A1", ["ok:1"]),
    ])
    func pageIsFiltered(_ query: String, _ shown: [String]) throws {
        let bench = try bench()
        let own = query.hasPrefix("job=") ? query : "job=\(bench.job)&" + query
        let exchange = try #require(bench.host.admin.send("GET", "/targets", query: own))
        let page = String(decoding: exchange.response?.body ?? [], as: UTF8.self)
        let list = page.split(separator: "</form>")[1]
        for address in ["ok:1", "ok<script>:2", "bad:1", "no:1"] {
            let text = address.replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            #expect(list.contains("__address__=\(text)<") == shown.contains(address), "\(address)")
        }
        #expect(page.contains("No target is like that") == shown.isEmpty)
        #expect(page.contains(#"<input type="search" name="search""#))
        if query.contains("health=up") {
            #expect(page.contains(#"<option value="up" selected>"#))
        }
        if query.contains("search=SCRIPT") { #expect(page.contains(#"value="SCRIPT""#)) }
        try bench.end()
    }

    /// What is typed into the form comes back as text.
    @Test func searchIsEscaped() throws {
        let bench = try bench()
        let exchange = try #require(
            bench.host.admin.send("GET", "/targets", query: "search=%22%3E%3Cscript%3E"))
        let page = String(decoding: exchange.response?.body ?? [], as: UTF8.self)
        #expect(page.contains("value=\"&quot;&gt;&lt;script&gt;\"") && !page.contains("<script"))
        try bench.end()
    }

    @Test(arguments: ["/targets", "/api/v1/targets"])
    func showsNoCredentials(_ path: String) throws {
        let bench = try bench()
        let exchange = try #require(bench.host.admin.send("GET", path))
        let body = String(decoding: exchange.response?.body ?? [], as: UTF8.self)
        #expect(!body.contains("geheim"))
        #expect(bench.host.client.sent.contains { $0.path.contains("token=geheim") })
        try bench.end()
    }

    @Test func takesOnlyGet() throws {
        let bench = try bench()
        #expect(bench.host.admin.send("POST", "/api/v1/targets")?.response?.code == 405)
        try bench.end()
    }

    /// One receiver has the paths, the others' targets are there, too; when it ends, another one
    /// takes them over.
    @Test func receiversShareThePaths() throws {
        let host = FakeHost()
        func receiver(_ job: String) throws -> TestInstance {
            try host.start(
                plugin, .receiver, "prometheus",
                settings: """
                    {"config": {"scrape_configs": [{"job_name": "\(job)",
                     "static_configs": [{"targets": ["x:1"]}]}]}}
                    """)
        }
        func pools() -> [String] {
            let body = host.admin.send("GET", "/api/v1/targets")?.response?.body ?? []
            let json = try? JSONValue(parsing: body)
            return (json?["data"]?["activeTargets"]?.arrayValue ?? [])
                .compactMap { $0["scrapePool"]?.stringValue }.filter { $0.hasPrefix("shared-") }
        }
        let first = try receiver("shared-1")
        let second = try receiver("shared-2")
        #expect(host.admin.paths == ["/api/v1/targets", "/targets"])
        #expect(pools() == ["shared-1", "shared-2"])
        try first.stop()
        #expect(host.admin.paths == ["/api/v1/targets", "/targets"])
        #expect(pools() == ["shared-2"])
        try second.stop()
        #expect(host.admin.paths.isEmpty)
        first.destroy()
        second.destroy()
        try host.checkClean()
    }

    @Test(arguments: [
        ("state=active&scrapePool=a%20b+c", "a b c"), ("scrapePool=%zz", "%zz"), ("", ""),
        ("job=x", "x"), ("scrapePool", ""),
    ])
    func readsQueries(_ query: String, _ job: String) {
        #expect(TargetQuery(query).job == job)
    }
}
