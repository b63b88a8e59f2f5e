import Testing
import WeirTestKit

extension EndToEnd {
    /// `promtool check metrics` finds nothing to say about what is served: by the sink, which has
    /// scraped the Python and the Java client, and by weir of itself.
    @Test(.timeLimit(.minutes(2))) func promtoolAcceptsWhatIsServed() async throws {
        let ports = try await freePorts(2)
        let files = try TemporaryFolder()
        let python = try Command(Build.python, ["\(Build.clients)/target.py", "\(ports[0])"])
            .start(output: "\(files.path)/target", errors: "\(files.path)/target")
        defer { python.kill() }
        let weir = try await Weir(
            """
            receivers:
              prometheus:
                config:
                  scrape_configs:
                    - job_name: python
                      scrape_interval: 1s
                      scrape_timeout: 1s
                      metrics_path: /python
                      static_configs: [{targets: ["127.0.0.1:\(ports[0])"]}]
            sinks:
              prometheus: {endpoint: "127.0.0.1:\(ports[1])"}
            service:
              pipelines:
                metrics: {receivers: [prometheus], sinks: [prometheus]}
            """)
        let url = "http://127.0.0.1:\(ports[1])/metrics"
        var served = ""
        let isServed = await eventually(within: 20) {
            served = (try? await fetch(url)) ?? ""
            return served.contains("shop_requests_total")
        }
        #expect(isServed, "\(weir.log)")
        for address in [url, "http://127.0.0.1:\(weir.admin)/metrics"] {
            let check = try await Command.shell("curl -s \(address) | promtool check metrics")
            #expect(check.status == 0, "\(address): \(check.output)\(check.errors)")
        }
    }
}
