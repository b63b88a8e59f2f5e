import Testing
import WeirPrometheus

@testable import PrometheusPlugin

struct TargetTests {
    private func job(_ keys: String = "") throws -> ScrapeJob {
        try jobs(#"{"scrape_configs": [{"job_name": "j"\#(keys)}]}"#)[0]
    }

    private func outcome(
        _ labels: [String: String], _ group: [String: String] = [:], _ keys: String = ""
    ) throws -> TargetOutcome {
        let group = TargetGroup(
            source: "s", labels: Labels(group.map { Label($0.key, $0.value) }))
        return TargetOutcome(
            Labels(labels.map { Label($0.key, $0.value) }), of: group, try job(keys))
    }

    private func target(
        _ labels: [String: String], _ group: [String: String] = [:], _ keys: String = ""
    ) throws -> Target {
        guard case .target(let target) = try outcome(labels, group, keys) else {
            throw ComponentFault("no target")
        }
        return target
    }

    struct ComponentFault: Error {
        init(_ text: String) {}
    }

    @Test func getsDefaults() throws {
        let target = try target(["__address__": "h:1", "__meta_x": "y"])
        #expect(target.url == "http://h:1/metrics")
        #expect(target.labels.description == #"{instance="h:1", job="j"}"#)
        #expect(
            target.discovered.description
                == #"{__address__="h:1", __meta_x="y", __metrics_path__="/metrics", "#
                + #"__scheme__="http", __scrape_interval__="1m", __scrape_timeout__="10s", job="j"}"#
        )
        #expect(target.interval == 60_000_000_000)
        #expect(target.timeout == 10_000_000_000)
    }

    @Test(arguments: [
        // No port is added, as since Prometheus 3.
        (["__address__": "h"], "http://h/metrics"),
        (["__address__": "[::1]:9100"], "http://[::1]:9100/metrics"),
        (["__address__": "h:1", "__scheme__": "https"], "https://h:1/metrics"),
        (["__address__": "h:1", "__metrics_path__": "probe"], "http://h:1/probe"),
        (["__address__": "h:1", "__metrics_path__": "/a b#c"], "http://h:1/a%20b%23c"),
        (
            ["__address__": "h:1", "__param_target": "https://x.y/?a=b c"],
            "http://h:1/metrics?target=https%3A%2F%2Fx.y%2F%3Fa%3Db+c"
        ),
    ])
    func makesURLs(_ labels: [String: String], _ url: String) throws {
        #expect(try target(labels).url == url)
    }

    @Test func parametersComeFromJobAndLabels() throws {
        let keys = #", "params": {"module": ["http", "tcp"], "b": ["1"]}"#
        #expect(
            try target(["__address__": "h:1"], [:], keys).url
                == "http://h:1/metrics?b=1&module=http&module=tcp")
        // A label replaces the first value, as in Prometheus.
        #expect(
            try target(["__address__": "h:1", "__param_module": "icmp"], [:], keys).url
                == "http://h:1/metrics?b=1&module=icmp&module=tcp")
    }

    @Test func ownLabelsGoBeforeThoseOfTheGroup() throws {
        let target = try target(["__address__": "h:1", "env": "a"], ["env": "b", "team": "t"])
        #expect(target.labels["env"] == "a")
        #expect(target.labels["team"] == "t")
    }

    @Test func relabellingDecidesEverything() throws {
        let keys = """
            , "params": {"module": ["http"]}, "relabel_configs": [
              {"source_labels": ["__address__"], "target_label": "__param_target"},
              {"source_labels": ["__param_target"], "target_label": "instance"},
              {"target_label": "__address__", "replacement": "blackbox:9115"},
              {"target_label": "__scrape_interval__", "replacement": "30s"},
              {"target_label": "__scrape_timeout__", "replacement": "20s"}]
            """
        let target = try target(["__address__": "x.y"], [:], keys)
        #expect(target.url == "http://blackbox:9115/metrics?module=http&target=x.y")
        #expect(target.labels["instance"] == "x.y")
        #expect(target.interval == 30_000_000_000)
        #expect(target.timeout == 20_000_000_000)
    }

    @Test(arguments: [
        ([:], "", "there is no __address__"),
        (["__address__": "http://h:1"], "", "expected host:port"),
        (["__address__": "h:1/x"], "", "the path belongs into __metrics_path__"),
        (["__address__": "h:1", "__scheme__": "tcp"], "", "__scheme__ is \"tcp\""),
        (
            ["__address__": "h:1", "__scrape_interval__": "often"], "",
            "__scrape_interval__ is \"often\""
        ),
        (["__address__": "h:1", "__scrape_timeout__": "2m"], "", "__scrape_timeout__ is 2m"),
        (["__address__": "h:1", "__scrape_interval__": "0"], "", "__scrape_interval__ is \"0\""),
    ])
    func saysWhatIsWrong(_ labels: [String: String], _ keys: String, _ says: String) throws {
        guard case .failed(_, let message) = try outcome(labels, [:], keys) else {
            Issue.record("it became something else")
            return
        }
        #expect(message.contains(says))
    }

    @Test func identityIsLabelsAndURL() throws {
        let one = try target(["__address__": "h:1", "__meta_a": "1"])
        #expect(try target(["__address__": "h:1", "__meta_a": "2"]).identity == one.identity)
        #expect(try target(["__address__": "h:2", "instance": "h:1"]).identity != one.identity)
        #expect(try target(["__address__": "h:1", "x": "y"]).identity != one.identity)
    }

    @Test func groupsReplaceAndRemove() throws {
        let job = try job(
            #", "keep_dropped_targets": 2, "relabel_configs": [{"source_labels": ["drop"], "regex": "yes", "action": "drop"}]"#
        )
        var targets = PoolTargets()
        func group(_ source: String, _ addresses: [String], drop: Int = 0) -> TargetGroup {
            let dropped = (0..<drop).map {
                Labels([Label("__address__", "d\($0):1"), Label("drop", "yes")])
            }
            return TargetGroup(
                source: source,
                targets: addresses.map { Labels([Label("__address__", $0)]) } + dropped)
        }
        targets.update(group("s", ["a:1", "b:1", "a:1"], drop: 5), job)
        targets.update(group("t", ["b:1", "c:1"]), job)
        #expect(Set(targets.unique.values.map(\.address)) == ["a:1", "b:1", "c:1"])
        #expect(targets.droppedCount == 5)
        #expect(targets.dropped.count == 2)
        targets.update(group("s", ["a:1"]), job)
        #expect(Set(targets.unique.values.map(\.address)) == ["a:1", "b:1", "c:1"])
        #expect(targets.dropped.isEmpty && targets.droppedCount == 0)
        // What was remembered makes room again.
        targets.update(group("s", [], drop: 3), job)
        #expect(targets.dropped.count == 2)
        targets.update(group("t", []), job)
        #expect(targets.unique.isEmpty)
    }

    @Test(arguments: [
        ("http://u:p@h:1/x?token=abc&a=b", "http://h:1/x?token=<secret>&a=b"),
        ("http://h:1/x?a=b&API_KEY=1", "http://h:1/x?a=b&API_KEY=<secret>"),
        ("http://h:1/a@b", "http://h:1/a@b"),
    ])
    func showsNoSecrets(_ url: String, _ shown: String) {
        #expect(Target.printable(url) == shown)
    }

    @Test func mergesLabels() throws {
        let own = Labels([
            Label("__name__", "m"), Label("job", "own"), Label("exported_job", "other"),
            Label("x", "y"),
        ])
        let target = try target(["__address__": "h:1"])
        #expect(
            SeriesLabels(target, try job()).final(own)?.description
                == #"{__name__="m", exported_exported_job="own", exported_job="other", "#
                + #"instance="h:1", job="j", x="y"}"#)
        #expect(
            SeriesLabels(target, try job(#", "honor_labels": true"#)).final(own)?.description
                == #"{__name__="m", exported_job="other", instance="h:1", job="own", x="y"}"#)
    }
}
