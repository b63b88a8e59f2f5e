import Testing
import WeirPrometheus
import WeirSDK
import WeirTestKit

@testable import PrometheusPlugin

struct DockerDiscoveryTests {
    private static let networks = #"""
        [{"Id":"net1","Name":"app_default","Scope":"local","Internal":false,"Ingress":false,
          "Labels":{"com.docker.compose.project":"app"}},
         {"Id":"net2","Name":"app_private","Scope":"local","Internal":true,"Ingress":false,
          "Labels":null}]
        """#

    private static let containers = #"""
        [{"Id":"c1","Names":["/app_web_1"],"Image":"web:1","ImageID":"sha256:1",
          "Labels":{"com.docker.compose.service":"web"},
          "HostConfig":{"NetworkMode":"app_default"},
          "Ports":[{"IP":"0.0.0.0","PrivatePort":8080,"PublicPort":18080,"Type":"tcp"},
                   {"PrivatePort":53,"Type":"udp"}],
          "NetworkSettings":{"Networks":{"zzz":{"NetworkID":"net2","IPAddress":"10.2.0.2"},
             "app_default":{"NetworkID":"net1","IPAddress":"10.1.0.2"}}}},
         {"Id":"c2","Names":["/side"],"HostConfig":{"NetworkMode":"container:c1"},
          "Ports":[],"NetworkSettings":{"Networks":{}}},
         {"Id":"c3","Names":["/hosted"],"HostConfig":{"NetworkMode":"host"},
          "Ports":[],"NetworkSettings":{"Networks":{"host":{"NetworkID":"h","IPAddress":""}}}},
         {"Id":"c4","Names":["/v6"],"HostConfig":{"NetworkMode":"app_private"},"Ports":null,
          "NetworkSettings":{"Networks":{"app_private":{"NetworkID":"net2","IPAddress":"",
             "GlobalIPv6Address":"fd00::4"}}}},
         {"Id":"c5","Names":[],"HostConfig":{"NetworkMode":"x"}}]
        """#

    private func host() -> FakeHost {
        let host = FakeHost()
        host.client.answer { request in
            .json(
                request.path == "/networks"
                    ? DockerDiscoveryTests.networks : DockerDiscoveryTests.containers)
        }
        return host
    }

    @Test func containersBecomeTargets() throws {
        let host = host()
        let run = try DiscoveryRun(
            #"{"docker_sd_configs":[{"host":"unix:///var/run/docker.sock"}]}"#, host: host)
        #expect(host.client.sent.map(\.path) == ["/containers/json", "/networks"])
        #expect(host.client.sent[0].settings.contains("unix:/var/run/docker.sock"))
        #expect(
            run.found.addresses == ["10.1.0.2:80", "10.1.0.2:8080", "[fd00::4]:80", "localhost"])
        #expect(
            run.found.all[1]
                == labels([
                    "__address__": "10.1.0.2:8080",
                    "__meta_docker_container_id": "c1",
                    "__meta_docker_container_name": "/app_web_1",
                    "__meta_docker_container_image": "web:1",
                    "__meta_docker_container_image_id": "sha256:1",
                    "__meta_docker_container_network_mode": "app_default",
                    "__meta_docker_container_label_com_docker_compose_service": "web",
                    "__meta_docker_network_id": "net1",
                    "__meta_docker_network_name": "app_default",
                    "__meta_docker_network_scope": "local",
                    "__meta_docker_network_internal": "false",
                    "__meta_docker_network_ingress": "false",
                    "__meta_docker_network_label_com_docker_compose_project": "app",
                    "__meta_docker_network_ip": "10.1.0.2",
                    "__meta_docker_port_private": "8080",
                    "__meta_docker_port_public": "18080",
                    "__meta_docker_port_public_ip": "0.0.0.0",
                ]))
        #expect(run.found.all[0]["__meta_docker_container_name"] == "/side")
        run.stop()
    }

    @Test func allNetworksCountIfTheSettingsSaySo() throws {
        let run = try DiscoveryRun(
            #"""
            {"docker_sd_configs":[{"host":"tcp://d:2375","match_first_network":false,"port":9,
              "host_networking_host":"node1"}]}
            """#, host: host())
        #expect(
            run.found.addresses == [
                "10.1.0.2:8080", "10.1.0.2:9", "10.2.0.2:8080", "10.2.0.2:9", "[fd00::4]:9",
                "node1",
            ])
        run.stop()
    }

    @Test func filtersGoToTheDaemon() throws {
        let host = host()
        let run = try DiscoveryRun(
            #"""
            {"docker_sd_configs":[{"host":"http://d:2375","refresh_interval":"5s","filters":[
              {"name":"label","values":["a=b"]},{"name":"label","values":["c"]}]}]}
            """#, host: host)
        #expect(
            host.client.sent[0].path
                == "/containers/json?filters=%7B%22label%22%3A%5B%22a%3Db%22%2C%22c%22%5D%7D")
        host.client.answer { _ in .json(#"{"message":"daemon is busy"}"#, code: 503) }
        host.advance(by: .seconds(10))
        #expect(run.found.addresses.count == 4)
        #expect(run.discovery.status[0].lastError.contains("status 503: daemon is busy"))
        run.stop()
    }
}
