import Testing
import WeirJSON
import WeirSDK
import WeirTestKit

@testable import PrometheusPlugin

struct KubernetesAccessTests {
    @Test func theOwnNamespaceIsRead() throws {
        let folder = try TemporaryFolder()
        try folder.write("mine\n", to: "namespace")
        let host = FakeHost()
        host.client.answer { _ in nil }
        let run = try DiscoveryRun(
            #"""
            {"kubernetes_sd_configs":[{"role":"pod",
              "namespaces":{"own_namespace":true,"names":["a"]}}]}
            """#, host: host,
            cluster: ClusterEnvironment(
                host: "fd00::1", port: "6443", serviceAccountDirectory: folder.path))
        #expect(
            host.client.sent.map(\.path) == [
                "/api/v1/namespaces/a/pods?limit=500", "/api/v1/namespaces/mine/pods?limit=500",
            ])
        #expect(host.client.sent[0].settings.contains("https://[fd00::1]:6443"))
        run.stop()
    }

    @Test func aServerElsewhereIsReachedWithSettingsOfItsOwn() throws {
        let host = FakeHost()
        host.client.answer { _ in nil }
        let run = try DiscoveryRun(
            #"""
            {"kubernetes_sd_configs":[{"role":"node","api_server":"https://k:6443",
              "bearer_token_file":"/t","tls_config":{"ca_file":"/ca"}}]}
            """#, host: host)
        let settings = try JSONValue(parsing: host.client.sent[0].settings)
        #expect(settings["endpoint"] == .string("https://k:6443"))
        #expect(settings["auth"]?["authorization"]?["credentials_file"] == .string("/t"))
        run.stop()
    }

    @Test func aKubeconfigFileNamesServerAndUser() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            #"""
            {"apiVersion":"v1","kind":"Config","current-context":"b",
             "clusters":[{"name":"c1","cluster":{"server":"https://one"}},
              {"name":"c2","cluster":{"server":"https://two:6443",
                "certificate-authority":"ca.crt","tls-server-name":"k"}}],
             "contexts":[{"name":"a","context":{"cluster":"c1","user":"u"}},
              {"name":"b","context":{"cluster":"c2","user":"u"}}],
             "users":[{"name":"u","user":{"tokenFile":"/t"}}]}
            """#, to: "config")
        let host = FakeHost()
        let made = try Kubeconfig(path: folder.path + "/config", host: host.asSeenByPlugin)
        let json = made.hostSettings.json
        #expect(json["endpoint"] == .string("https://two:6443"))
        #expect(json["tls"]?["ca_file"] == .string(folder.path + "/ca.crt"))
        #expect(json["tls"]?["server_name_override"] == .string("k"))
        #expect(json["auth"]?["authorization"]?["credentials_file"] == .string("/t"))
    }

    @Test(arguments: [
        (#"{"current-context":"x"}"#, "found no context \"x\""),
        (
            #"{"current-context":"x","contexts":[{"name":"x","context":{"cluster":"c"}}]}"#,
            "has no cluster"
        ),
        (
            #"""
            {"current-context":"x","contexts":[{"name":"x","context":{"cluster":"c","user":"u"}}],
             "clusters":[{"name":"c","cluster":{"server":"https://k"}}],
             "users":[{"name":"u","user":{"exec":{"command":"aws"}}}]}
            """#, "exec or auth-provider are not supported"
        ),
    ])
    func whatAKubeconfigFileLacksIsSaid(_ text: String, _ reason: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(text, to: "config")
        let error = #expect(throws: ComponentError.self) {
            try Kubeconfig(path: folder.path + "/config", host: FakeHost().asSeenByPlugin)
        }
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }
}
