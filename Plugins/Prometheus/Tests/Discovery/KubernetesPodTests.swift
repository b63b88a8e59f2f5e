import Testing
import WeirJSON
import WeirPrometheus
import WeirSDK
import WeirTestKit

@testable import PrometheusPlugin

private let pods = "/api/v1/namespaces/qsign/pods"
private let config = #"{"role":"pod","namespaces":{"names":["qsign"]}}"#

/// A pod with one container and one port.
private func pod(_ ip: String, port: Int = 8080, phase: String = "Running") -> String {
    #"""
    ,"spec":{"nodeName":"n1","containers":[{"name":"app","image":"app:1",
       "ports":[{"name":"http","containerPort":\#(port),"protocol":"TCP"}],"env":[{"name":"A"}]}]},
     "status":{"podIP":"\#(ip)","hostIP":"10.0.0.1","phase":"\#(phase)",
       "conditions":[{"type":"Initialized","status":"True"},{"type":"Ready","status":"True"}],
       "containerStatuses":[{"name":"app","containerID":"containerd://1","ready":true}]}
    """#.replacing("\n", with: "")
}

private func meta(_ name: String, _ more: String = "") -> String {
    #""name":"\#(name)","namespace":"qsign","uid":"u-\#(name)""# + more
}

struct KubernetesPodTests {
    @Test func aPodHasAllItsLabels() throws {
        let cluster = FakeCluster()
        cluster.hold(
            pods,
            meta(
                "web-1",
                #"""
                ,"labels":{"app":"web","app.kubernetes.io/part-of":"x"},
                "annotations":{"prometheus.io/scrape":"true"},
                "ownerReferences":[{"kind":"Other","name":"o"},
                  {"kind":"ReplicaSet","name":"web","controller":true}]
                """#), pod("10.1.0.5"))
        let run = try cluster.run(config)
        #expect(
            run.found.all == [
                labels([
                    "__address__": "10.1.0.5:8080",
                    "__meta_kubernetes_namespace": "qsign",
                    "__meta_kubernetes_pod_name": "web-1",
                    "__meta_kubernetes_pod_uid": "u-web-1",
                    "__meta_kubernetes_pod_ip": "10.1.0.5",
                    "__meta_kubernetes_pod_host_ip": "10.0.0.1",
                    "__meta_kubernetes_pod_node_name": "n1",
                    "__meta_kubernetes_pod_phase": "Running",
                    "__meta_kubernetes_pod_ready": "true",
                    "__meta_kubernetes_pod_controller_kind": "ReplicaSet",
                    "__meta_kubernetes_pod_controller_name": "web",
                    "__meta_kubernetes_pod_label_app": "web",
                    "__meta_kubernetes_pod_labelpresent_app": "true",
                    "__meta_kubernetes_pod_label_app_kubernetes_io_part_of": "x",
                    "__meta_kubernetes_pod_labelpresent_app_kubernetes_io_part_of": "true",
                    "__meta_kubernetes_pod_annotation_prometheus_io_scrape": "true",
                    "__meta_kubernetes_pod_annotationpresent_prometheus_io_scrape": "true",
                    "__meta_kubernetes_pod_container_name": "app",
                    "__meta_kubernetes_pod_container_id": "containerd://1",
                    "__meta_kubernetes_pod_container_image": "app:1",
                    "__meta_kubernetes_pod_container_init": "false",
                    "__meta_kubernetes_pod_container_port_name": "http",
                    "__meta_kubernetes_pod_container_port_number": "8080",
                    "__meta_kubernetes_pod_container_port_protocol": "TCP",
                ])
            ])
        #expect(run.found.sources == ["kubernetes_sd_configs/0/pod/qsign/web-1"])
        run.stop()
    }

    @Test func theClusterSaysHowItIsReached() throws {
        let cluster = FakeCluster()
        let run = try cluster.run(config)
        let sent = try #require(cluster.host.client.sent.first)
        let settings = try JSONValue(parsing: sent.settings)
        #expect(settings["endpoint"] == .string("https://10.96.0.1:443"))
        #expect(settings["tls"]?["ca_file"] == .string("/sa/ca.crt"))
        #expect(settings["auth"]?["authorization"]?["credentials_file"] == .string("/sa/token"))
        #expect(cluster.requests(pods)[0] == pods + "?limit=500")
        let watch = cluster.requests(pods)[1]
        #expect(watch.hasPrefix(pods + "?watch=1&allowWatchBookmarks=true&timeoutSeconds="))
        #expect(watch.hasSuffix("&resourceVersion=100"))
        #expect(run.found.calls == [0])
        run.stop()
    }

    @Test func containersWithoutPortsAndInitContainersCount() throws {
        let cluster = FakeCluster()
        cluster.hold(
            pods, meta("a"),
            #"""
            ,"spec":{"nodeName":"n","initContainers":[{"name":"init","image":"i",
               "ports":[{"containerPort":1}]}],"containers":[{"name":"c","image":"c"}]},
             "status":{"podIP":"fd00::1","phase":"Pending"}
            """#)
        cluster.hold(pods, meta("b"), #","spec":{"containers":[{"name":"c"}]},"status":{}"#)
        let run = try cluster.run(config)
        #expect(run.found.addresses == ["[fd00::1]:1", "fd00::1"])
        #expect(run.found.all[0]["__meta_kubernetes_pod_container_init"] == "true")
        #expect(run.found.all[1]["__meta_kubernetes_pod_ready"] == "unknown")
        run.stop()
    }

    @Test func listsComeInPages() throws {
        let cluster = FakeCluster()
        cluster.setPageSize(2)
        for index in 1...5 { cluster.hold(pods, meta("p\(index)"), pod("10.0.0.\(index)")) }
        let run = try cluster.run(config)
        #expect(run.found.addresses.count == 5)
        #expect(run.found.calls == [5], "nothing before the list is complete")
        #expect(
            cluster.requests(pods).prefix(3) == [
                pods + "?limit=500", pods + "?limit=500&continue=2", pods + "?limit=500&continue=4",
            ])
        run.stop()
    }

    @Test func watchesAreFollowed() throws {
        let cluster = FakeCluster()
        cluster.hold(pods, meta("a"), pod("10.0.0.1"))
        let run = try cluster.run(config)
        cluster.tell(pods, "ADDED", meta("b"), pod("10.0.0.2"))
        #expect(run.found.addresses == ["10.0.0.1:8080", "10.0.0.2:8080"])
        cluster.tell(pods, "MODIFIED", meta("a"), pod("10.0.0.9"))
        #expect(run.found.addresses == ["10.0.0.2:8080", "10.0.0.9:8080"])
        cluster.tell(pods, "DELETED", meta("b"), pod("10.0.0.2"))
        #expect(run.found.addresses == ["10.0.0.9:8080"])
        // Two events in one piece, and one in three.
        cluster.send(
            pods,
            #"{"type":"ADDED","object":{"metadata":{"resourceVersion":"201",\#(meta("c"))}"#
                + pod("10.0.0.3") + "}}\n"
                + #"{"object":{"metadata":{"resourceVersion":"202",\#(meta("d"))}"#)
        cluster.send(pods, pod("10.0.0.4") + "}")
        #expect(run.found.addresses.contains("10.0.0.3:8080"))
        #expect(!run.found.addresses.contains("10.0.0.4:8080"))
        cluster.send(pods, #","type":"ADDED"}"# + "\n")
        #expect(run.found.addresses.contains("10.0.0.4:8080"))
        // A heartbeat changes nothing that counts.
        let calls = run.found.calls
        cluster.tell(pods, "MODIFIED", meta("d"), pod("10.0.0.4"))
        #expect(run.found.calls == calls)
        #expect(run.warnings == [])
        run.stop()
    }

    @Test func manyPodsAreOneCallAndOneChangeIsOneGroup() throws {
        let cluster = FakeCluster()
        cluster.setPageSize(1000)
        for index in 0..<2_000 {
            cluster.hold(
                pods, meta("p\(index)", #","labels":{"app":"a\#(index % 7)"}"#),
                pod("10.\(index >> 8).\(index & 255).1"))
        }
        let run = try cluster.run(config)
        #expect(run.found.calls == [2_000])
        cluster.tell(pods, "DELETED", meta("p7"), pod("10.0.7.1"))
        #expect(run.found.calls == [2_000, 1])
        run.stop()
    }
}
