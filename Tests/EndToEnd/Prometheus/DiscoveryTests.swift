import Foundation
import Testing

extension EndToEnd {
    /// Ways of finding targets, asked for real: what they find is scraped, what they take back goes,
    /// and when one is broken its targets stay and the page says why.
    @Test(.timeLimit(.minutes(2))) func everyWayOfFindingTargetsIsFollowed() async throws {
        let ports = try await freePorts(2)
        let files = try TemporaryFolder()
        let server = try Command(
            Build.python,
            ["\(Build.clients)/discovery.py", "\(ports[0])", "\(ports[1])", "\(files.path)/docker"]
        ).start(output: "\(files.path)/server", errors: "\(files.path)/server")
        defer { server.kill() }
        let url = "http://127.0.0.1:\(ports[0])"
        #expect(await eventually(within: 20) { (try? await fetch("\(url)/metrics")) != nil })
        try files.write(#"[{"targets": ["127.0.0.1:\#(ports[0])"]}]"#, to: "targets.json")
        let weir = try await Weir(
            """
            receivers:
              prometheus:
                config:
                  global: {scrape_interval: 1s}
                  scrape_configs:
                    - job_name: http
                      http_sd_configs: [{url: "\(url)/sd", refresh_interval: 1s}]
                    - job_name: docker
                      docker_sd_configs: [{host: "unix://\(files.path)/docker", refresh_interval: 1s}]
                    - job_name: dns-a
                      dns_sd_configs: [{names: [db.test], type: A, port: \(ports[0]), refresh_interval: 1s}]
                    - job_name: dns-srv
                      dns_sd_configs: [{names: [_ways._tcp.test], refresh_interval: 1s}]
                    - job_name: file
                      file_sd_configs: [{files: ["\(files.path)/*.json"], refresh_interval: 1s}]
                    - job_name: none
                      file_sd_configs: [{files: [no-such-folder/*.json]}]
            sinks:
              nop:
            service:
              pipelines:
                metrics: {receivers: [prometheus], sinks: [nop]}
            """,
            environment: [
                "WEIR_PLUGIN_PATH": Build.plugins, "WEIR_DNS_SERVER": "127.0.0.1:\(ports[1])",
            ])
        let all: Set<String> = ["http", "docker", "dns-a", "dns-srv", "file"]
        func expect(_ jobs: Set<String>, _ why: Comment) async {
            var found: Set<String> = []
            let isSo = await eventually(within: 20) {
                found = await self.jobsUp(of: weir)
                return found == jobs
            }
            #expect(isSo, "\(why): found \(found)\n\(weir.log)")
        }
        await expect(all, "what is there at first")
        #expect(
            weir.log.contains("no file matches \"no-such-folder/*.json\", seen from the working"))
        #expect(await weir.get("/targets")?.text.contains("no-such-folder") == true)

        _ = try await fetch("\(url)/tell?http=empty&docker=empty&dns=empty")
        await expect(["file"], "what was taken back")
        _ = try await fetch("\(url)/tell?http=found&docker=found&dns=found")
        await expect(all, "what is there again")

        // Broken at once: what is known stays.
        _ = try await fetch("\(url)/tell?http=broken&docker=broken&dns=broken")
        try files.write(#"[{"targets": ["127.0.0.1:\#(ports[0])"#, to: "targets.json")
        let isSaid = await eventually(within: 30) {
            let page = await weir.get("/targets")?.text ?? ""
            return page.components(separatedBy: "discovery fails").count == 6
        }
        #expect(isSaid, "\(weir.log)")
        await expect(all, "while discovery is broken")
        _ = try await fetch("\(url)/tell?http=found&docker=empty&dns=found")
        try files.write("[]", to: "targets.json")
        await expect(["http", "dns-a", "dns-srv"], "when it works again")
        #expect(try await weir.stop() == 0, "\(weir.log)")
    }

    /// The jobs of which every target is up.
    private func jobsUp(of weir: Weir) async -> Set<String> {
        struct Answer: Decodable {
            struct Target: Decodable { var scrapePool, health: String }
            struct Targets: Decodable { var activeTargets: [Target] }
            var data: Targets
        }
        guard let answer = await weir.get("/api/v1/targets?state=active"),
            let found = try? JSONDecoder().decode(Answer.self, from: Data(answer.text.utf8))
        else { return [] }
        let targets = found.data.activeTargets
        let down = Set(targets.filter { $0.health != "up" }.map(\.scrapePool))
        return Set(targets.map(\.scrapePool)).subtracting(down)
    }
}
