import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// Names of Prometheus' own arrive there as the exporter gave them, whichever way they take: no
    /// suffix for a counter or a unit, no label of a scope, every kind as it was.
    @Test(.timeLimit(.minutes(2))) func prometheusNamesArriveAsTheyAre() async throws {
        let plugin = try await builtPlugin("shop")
        let ports = try await freePorts(2)
        let (exposed, prometheus) = (ports[0], ports[1])
        let server = try await PrometheusServer(
            """
            global: {scrape_interval: 1s}
            scrape_configs:
            - job_name: exposed
              honor_labels: true
              static_configs: [{targets: ["127.0.0.1:\(exposed)"]}]
            """, port: prometheus)
        let weir = try await Weir(
            """
            exporters:
              shop: {endpoint: "shop:1", interval: 1s, initial_delay: 0s}
            sinks:
              prometheus: {endpoint: "127.0.0.1:\(exposed)"}
              prometheusremotewrite:
                endpoint: "http://127.0.0.1:\(prometheus)/api/v1/write"
                external_labels: {way: written}
            service:
              pipelines:
                metrics: {exporters: [shop], sinks: [prometheus, prometheusremotewrite]}
            """, environment: ["WEIR_PLUGIN_PATH": "\(Build.plugins):\(plugin.path)"])
        let expected: Set<String> = [
            "shop_up{} 1", "shop_info{module=none,target=shop:1} 1",
            "shop_sales{item=a \"b\"\\c} 12.5", "shop_mood{} -3",
            "shop_basket_bucket{item=a \"b\"\\c,le=0.5} 1",
            "shop_basket_bucket{item=a \"b\"\\c,le=2.5} 3",
            "shop_basket_bucket{item=a \"b\"\\c,le=1000000.0} 3",
            "shop_basket_bucket{item=a \"b\"\\c,le=inf} 4",
            "shop_basket_sum{item=a \"b\"\\c} 1000004.5", "shop_basket_count{item=a \"b\"\\c} 4",
            "shop_wait{quantile=0.5} 0.25", "shop_wait{quantile=0.99} 7", "shop_wait_sum{} 21",
            "shop_wait_count{} 9",
        ]
        for selector in ["job=\"exposed\"", "way=\"written\""] {
            var found: Set<String> = []
            let agree = await eventually(within: 30) {
                let series =
                    (try? await server.query("{__name__=~\"shop_.*\",\(selector)}")) ?? []
                found = Set(series.map(Self.text))
                return found == expected
            }
            #expect(
                agree,
                "\(selector): \(found.symmetricDifference(expected).sorted())\n\(weir.log.suffix(2000))"
            )
        }
        // The page itself says the kinds.
        let page = try Exposition(await fetch("http://127.0.0.1:\(exposed)/metrics"))
        for (name, type) in [
            ("shop_sales", "counter"), ("shop_mood", "untyped"), ("shop_basket", "histogram"),
            ("shop_wait", "summary"), ("shop_up", "gauge"),
        ] {
            #expect(
                page[name]?.type == type || (type == "untyped" && page[name]?.type == "unknown"),
                "\(name) is \(page[name]?.type ?? "absent")")
        }
        #expect(!page.families.keys.contains { $0.hasPrefix("otel_scope") })
        #expect(try await weir.stop() == 0, "\(weir.log)")
    }

    /// A series without the labels that say by which way it came.
    private static func text(_ series: PrometheusServer.Series) -> String {
        var labels = series.labels
        for name in ["__name__", "way", "job", "instance"] { labels[name] = nil }
        for name in ["le", "quantile"] {
            if let bound = labels[name].flatMap({ Double($0) }) { labels[name] = String(bound) }
        }
        let pairs = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return "\(series.name){\(pairs.joined(separator: ","))} \(series.value)"
    }
}
