import Foundation
import Testing
import WeirTestKit

extension EndToEnd {
    /// A cluster that does to a watch what clusters do: pods come and go, watches end, versions
    /// expire, tokens are replaced.
    @Test(.timeLimit(.minutes(2))) func podsOfAClusterAreFollowed() async throws {
        let cluster = try await KubernetesServer(token: "first")
        for pod in ["p1", "p2", "p3"] { try await cluster.tell("/add?name=\(pod)") }
        try await cluster.tell("/add?name=other&app=db")
        let weir = try await Weir(
            """
            receivers:
              prometheus:
                config:
                  global: {scrape_interval: 1s}
                  scrape_configs:
                    - job_name: shop
                      kubernetes_sd_configs: [{role: pod, namespaces: {names: [shop]}}]
                      relabel_configs:
                        - {source_labels: [__meta_kubernetes_pod_label_app], regex: web, action: keep}
                        - {source_labels: [__meta_kubernetes_pod_name], target_label: pod}
            sinks:
              file: {path: FOLDER/metrics.jsonl}
            service:
              pipelines:
                metrics: {receivers: [prometheus], sinks: [file]}
            """,
            environment: [
                "WEIR_PLUGIN_PATH": Build.plugins, "KUBERNETES_SERVICE_HOST": "127.0.0.1",
                "KUBERNETES_SERVICE_PORT": String(cluster.port),
                "WEIR_KUBERNETES_SERVICEACCOUNT": cluster.folder.path,
            ])
        func expect(_ pods: Set<String>, _ why: Comment) async throws {
            var found: Set<String> = []
            let isSo = await eventually(within: 20) {
                found = await self.pods(of: weir)
                return found == pods
            }
            let log = await cluster.log
            #expect(isSo, "\(why): found \(found)\n\(weir.log)\n\(log)")
        }
        try await expect(["p1", "p2", "p3"], "the list, which has two pages")
        let isScraped = await eventually(within: 20) {
            let text = (try? weir.folder.read("metrics.jsonl")) ?? ""
            return text.contains("pods_seen_total") && text.contains("\"p3\"")
        }
        #expect(isScraped, "\(weir.log)")

        try await cluster.tell("/add?name=p4")
        try await cluster.tell("/delete?name=p1")
        try await expect(["p2", "p3", "p4"], "events of the watch")
        #expect(await cluster.lists == 1)

        // A watch that ends goes on from the bookmark.
        try await cluster.tell("/bookmark")
        let bookmark = await cluster.version
        try await cluster.tell("/cut")
        try await cluster.tell("/add?name=p5")
        try await expect(["p2", "p3", "p4", "p5"], "the watch after one that ended")
        #expect(await cluster.log.contains("resourceVersion=\(bookmark)"), "\(bookmark)")
        #expect(await cluster.lists == 1)

        // What happened in between is forgotten: another list finds it.
        try await cluster.tell("/silent?name=p2")
        try await cluster.tell("/compact")
        try await cluster.tell("/cut")
        try await expect(["p3", "p4", "p5"], "the list after 410")
        #expect(await cluster.log.contains("410 GET"))
        #expect(await cluster.lists == 2)

        // The token is replaced: first in the cluster, then in the file.
        try await cluster.tell("/token?value=second")
        try await cluster.tell("/cut")
        let isRefused = await eventually(within: 20) { await cluster.log.contains("401 GET") }
        #expect(isRefused)
        #expect(await pods(of: weir) == ["p3", "p4", "p5"], "what is known stays")
        try cluster.folder.write("second\n", to: "token")
        try await cluster.tell("/add?name=p6")
        try await expect(["p3", "p4", "p5", "p6"], "the watch with the new token")
        #expect(await cluster.lists == 2)
        #expect(try await weir.stop() == 0, "\(weir.log)")
    }

    /// The pods whose targets are active.
    private func pods(of weir: Weir) async -> Set<String> {
        struct Answer: Decodable {
            struct Target: Decodable { var labels: [String: String] }
            struct Targets: Decodable { var activeTargets: [Target] }
            var data: Targets
        }
        guard let answer = await weir.get("/api/v1/targets?state=active"),
            let found = try? JSONDecoder().decode(Answer.self, from: Data(answer.text.utf8))
        else { return [] }
        return Set(found.data.activeTargets.compactMap { $0.labels["pod"] })
    }
}

/// Tests/EndToEnd/Clients/kubernetes_api.py, and the folder of a service account for it.
final class KubernetesServer {
    let port: Int
    let folder: TemporaryFolder
    private let control: Int
    private let process: RunningProcess

    init(token: String) async throws {
        let ports = try await freePorts(2)
        (port, control) = (ports[0], ports[1])
        folder = try TemporaryFolder()
        try folder.write(token, to: "token")
        let certificates = try await Command.shell(
            """
            openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=ca -days 2
            openssl req -newkey rsa:2048 -nodes -keyout host.key -out host.csr -subj /CN=kubernetes
            printf 'subjectAltName=DNS:kubernetes,IP:127.0.0.1' > names
            openssl x509 -req -in host.csr -CA ca.crt -CAkey ca.key -CAcreateserial \
              -out host.pem -days 2 -extfile names
            """, folder: folder.path)
        guard certificates.status == 0 else { throw Failure(certificates.errors) }
        process = try Command(
            Build.python,
            [
                "\(Build.clients)/kubernetes_api.py", String(port), String(control),
                "\(folder.path)/host.pem", "\(folder.path)/host.key", token,
            ]
        ).start(output: "\(folder.path)/server.log", errors: "\(folder.path)/server.log")
        let log = folder
        let control = control
        let isReady = await eventually(within: 20) {
            (try? await fetch("http://127.0.0.1:\(control)/log")) != nil
        }
        guard isReady else { throw Failure((try? log.read("server.log")) ?? "no server") }
    }

    deinit { if process.isRunning { process.kill() } }

    func tell(_ path: String) async throws {
        _ = try await fetch("http://127.0.0.1:\(control)\(path)")
    }

    /// Every request: `200 GET /path`.
    var log: String {
        get async { (try? await fetch("http://127.0.0.1:\(control)/log")) ?? "" }
    }

    /// How many times the first page of the list was asked for with success.
    var lists: Int {
        get async {
            await log.split(separator: "\n").count {
                $0.hasPrefix("200") && $0.contains("limit=") && !$0.contains("continue=")
            }
        }
    }

    /// The newest version.
    var version: String {
        get async { (try? await fetch("http://127.0.0.1:\(control)/version")) ?? "" }
    }
}
