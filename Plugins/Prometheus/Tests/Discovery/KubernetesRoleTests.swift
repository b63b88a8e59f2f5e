import Testing
import WeirPrometheus
import WeirSDK
import WeirTestKit

@testable import PrometheusPlugin

private let pods = "/api/v1/namespaces/default/pods"
private let services = "/api/v1/namespaces/default/services"
private let endpoints = "/api/v1/namespaces/default/endpoints"
private let slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"
private let namespace = #""namespaces":{"names":["default"]}"#

private func meta(_ name: String, _ more: String = "") -> String {
    #""name":"\#(name)","namespace":"default""# + more
}

private let pod = #"""
    ,"spec":{"nodeName":"n1","containers":[{"name":"app","image":"i","ports":[
      {"name":"web","containerPort":8080,"protocol":"TCP"},
      {"name":"admin","containerPort":9090,"protocol":"TCP"}]}]},
     "status":{"podIP":"10.1.0.1","phase":"Running"}
    """#

private let subsets = #"""
    ,"subsets":[{"addresses":[{"ip":"10.1.0.1","nodeName":"n1",
       "targetRef":{"kind":"Pod","namespace":"default","name":"p1"}}],
      "notReadyAddresses":[{"ip":"10.1.0.2","hostname":"h2"}],
      "ports":[{"name":"https","port":8080,"protocol":"TCP"}]}]
    """#

private let sliceBody = #"""
    ,"addressType":"IPv4","ports":[{"name":"http","port":8080,"protocol":"TCP",
      "appProtocol":"http"},{"name":"all","port":null}],
     "endpoints":[{"addresses":["10.1.0.1"],"conditions":{"ready":true,"serving":true,
       "terminating":null},"nodeName":"n1","zone":"z","hostname":"h",
       "targetRef":{"kind":"Pod","namespace":"default","name":"p1"},
       "deprecatedTopology":{"kubernetes.io/hostname":"n1"}}]
    """#

struct KubernetesRoleTests {
    @Test func endpointsCarryTheirServiceAndPods() throws {
        let cluster = FakeCluster()
        cluster.hold(endpoints, meta("kubernetes", #","labels":{"e":"1"}"#), subsets)
        cluster.hold(services, meta("kubernetes", #","labels":{"s":"2"}"#))
        cluster.hold(pods, meta("p1", #","labels":{"p":"3"}"#), pod)
        let run = try cluster.run(#"{"role":"endpoints",\#(namespace)}"#)
        #expect(run.found.addresses == ["10.1.0.1:8080", "10.1.0.1:9090", "10.1.0.2:8080"])
        let first = run.found.all[0]
        let expected = labels([
            "__meta_kubernetes_namespace": "default",
            "__meta_kubernetes_service_name": "kubernetes",
            "__meta_kubernetes_service_label_s": "2",
            "__meta_kubernetes_endpoints_name": "kubernetes",
            "__meta_kubernetes_endpoints_label_e": "1",
            "__meta_kubernetes_endpoint_port_name": "https",
            "__meta_kubernetes_endpoint_port_protocol": "TCP",
            "__meta_kubernetes_endpoint_ready": "true",
            "__meta_kubernetes_endpoint_node_name": "n1",
            "__meta_kubernetes_endpoint_address_target_kind": "Pod",
            "__meta_kubernetes_endpoint_address_target_name": "p1",
            "__meta_kubernetes_pod_name": "p1",
            "__meta_kubernetes_pod_label_p": "3",
            "__meta_kubernetes_pod_container_name": "app",
            "__meta_kubernetes_pod_container_port_name": "web",
            "__meta_kubernetes_pod_container_port_number": "8080",
        ])
        for label in expected.all { #expect(first[label.name] == label.value, "\(label.name)") }
        // A port of the pod that the endpoints lack.
        #expect(run.found.all[1]["__meta_kubernetes_pod_container_port_name"] == "admin")
        #expect(run.found.all[1]["__meta_kubernetes_endpoint_ready"] == "")
        #expect(run.found.all[2]["__meta_kubernetes_endpoint_ready"] == "false")
        #expect(run.found.all[2]["__meta_kubernetes_endpoint_hostname"] == "h2")

        // What belongs to a group changes it.
        cluster.tell(services, "MODIFIED", meta("kubernetes", #","labels":{"s":"9"}"#))
        #expect(run.found.all[0]["__meta_kubernetes_service_label_s"] == "9")
        cluster.tell(
            pods, "MODIFIED", meta("p1"), pod.replacing("Running", with: "Failed"))
        #expect(run.found.all[0]["__meta_kubernetes_pod_phase"] == "Failed")
        cluster.tell(pods, "ADDED", meta("other"), pod)
        #expect(run.found.calls == [1, 1, 1])
        cluster.tell(endpoints, "DELETED", meta("kubernetes"))
        #expect(run.found.all == [])
        run.stop()
    }

    @Test func nothingIsSaidBeforeAllListsAreThere() throws {
        let cluster = FakeCluster()
        cluster.hold(endpoints, meta("e"), subsets)
        cluster.refuse(.json(#"{"message":"no"}"#, code: 403))
        let run = try cluster.run(#"{"role":"endpoints",\#(namespace)}"#)
        #expect(run.found.calls == [])
        cluster.host.advance(by: .seconds(2))
        #expect(run.found.calls == [1])
        run.stop()
    }

    @Test func slicesCarryTheirServiceAndPods() throws {
        let cluster = FakeCluster()
        cluster.hold(
            slices, meta("web-x", #","labels":{"kubernetes.io/service-name":"web"}"#), sliceBody)
        cluster.hold(services, meta("web", #","annotations":{"a":"b"}"#))
        cluster.hold(pods, meta("p1"), pod)
        let run = try cluster.run(#"{"role":"endpointslice",\#(namespace)}"#)
        #expect(run.found.addresses == ["10.1.0.1", "10.1.0.1:8080", "10.1.0.1:9090"])
        let found = run.found.all[1]
        let prefix = "__meta_kubernetes_endpointslice_"
        let expected = labels([
            "__meta_kubernetes_service_name": "web",
            "__meta_kubernetes_service_annotation_a": "b",
            prefix + "name": "web-x", prefix + "address_type": "IPv4",
            prefix + "port": "8080", prefix + "port_name": "http",
            prefix + "port_protocol": "TCP", prefix + "port_app_protocol": "http",
            prefix + "endpoint_conditions_ready": "true",
            prefix + "endpoint_conditions_serving": "true",
            prefix + "endpoint_node_name": "n1", prefix + "endpoint_zone": "z",
            prefix + "endpoint_hostname": "h", prefix + "address_target_kind": "Pod",
            prefix + "address_target_name": "p1",
            prefix + "endpoint_topology_kubernetes_io_hostname": "n1",
            prefix + "endpoint_topology_present_kubernetes_io_hostname": "true",
            "__meta_kubernetes_pod_container_port_name": "web",
        ])
        for label in expected.all { #expect(found[label.name] == label.value, "\(label.name)") }
        #expect(found[prefix + "endpoint_conditions_terminating"] == "")

        cluster.tell(
            services, "MODIFIED", meta("web"),
            #","spec":{"ipFamilyPolicy":"PreferDualStack","ipFamilies":["IPv6","IPv4"]}"#)
        #expect(run.found.all == [], "the slice is of the second family now")
        run.stop()
    }

    @Test func servicesAreOneTargetForEachPort() throws {
        let cluster = FakeCluster()
        cluster.hold(
            services, meta("web"),
            #"""
            ,"spec":{"type":"LoadBalancer","clusterIP":"10.9.0.1","ports":[
              {"name":"http","port":80,"protocol":"TCP"}]},
             "status":{"loadBalancer":{"ingress":[{"ip":"1.1.1.1"},{"hostname":"x"},
               {"ip":"1.1.1.2"}]}}
            """#)
        cluster.hold(
            services, meta("ext"),
            #","spec":{"type":"ExternalName","externalName":"e.com","ports":[{"port":1}]}"#)
        let run = try cluster.run(#"{"role":"service",\#(namespace)}"#)
        #expect(run.found.addresses == ["ext.default.svc:1", "web.default.svc:80"])
        let prefix = "__meta_kubernetes_service_"
        #expect(run.found.all[0][prefix + "external_name"] == "e.com")
        #expect(run.found.all[0][prefix + "cluster_ip"] == "")
        #expect(run.found.all[1][prefix + "cluster_ip"] == "10.9.0.1")
        #expect(run.found.all[1][prefix + "loadbalancer_ip"] == "1.1.1.1,1.1.1.2")
        #expect(run.found.all[1][prefix + "type"] == "LoadBalancer")
        #expect(run.found.all[1][prefix + "port_name"] == "http")
        run.stop()
    }

    @Test func ingressesAreOneTargetForEachPath() throws {
        let cluster = FakeCluster()
        cluster.hold(
            "/apis/networking.k8s.io/v1/ingresses", meta("in"),
            #"""
            ,"spec":{"ingressClassName":"nginx","tls":[{"hosts":["*.e.com"]}],"rules":[
              {"host":"a.e.com","http":{"paths":[{"path":"/x","pathType":"Prefix"},{"path":""}]}},
              {"host":"e.com"}]}
            """#)
        let run = try cluster.run(#"{"role":"ingress"}"#)
        let prefix = "__meta_kubernetes_ingress_"
        let found = run.found.all.map {
            [$0["__address__"], $0[prefix + "scheme"], $0[prefix + "path"]]
        }
        #expect(
            found.sorted { $0.joined() < $1.joined() } == [
                ["a.e.com", "https", "/"], ["a.e.com", "https", "/x"], ["e.com", "http", "/"],
            ])
        #expect(run.found.all[0][prefix + "class_name"] == "nginx")
        run.stop()
    }

    @Test func labelsOfNodesAndNamespacesAreAttached() throws {
        let cluster = FakeCluster()
        cluster.hold(pods, meta("p1"), pod)
        cluster.hold(pods, meta("p2"), pod.replacing("n1", with: "n2"))
        cluster.hold("/api/v1/nodes", #""name":"n1","labels":{"zone":"a"}"#)
        cluster.hold("/api/v1/namespaces", #""name":"default","labels":{"team":"t"}"#)
        let run = try cluster.run(
            #"""
            {"role":"pod",\#(namespace),"attach_metadata":{"node":true,"namespace":true},
             "selectors":[{"role":"node","label":"zone=a,x!=y"},
                          {"role":"pod","field":"status.phase=Running"}]}
            """#)
        #expect(run.found.addresses == ["10.1.0.1:8080", "10.1.0.1:9090"], "n2 is not selected")
        #expect(run.found.all[0]["__meta_kubernetes_node_label_zone"] == "a")
        #expect(run.found.all[0]["__meta_kubernetes_namespace_label_team"] == "t")
        #expect(
            cluster.requests("/api/v1/nodes")[0]
                == "/api/v1/nodes?limit=500&labelSelector=zone%3Da%2Cx%21%3Dy")
        #expect(
            cluster.requests(pods)[0]
                == pods + "?limit=500&fieldSelector=status.phase%3DRunning")
        cluster.tell("/api/v1/nodes", "MODIFIED", #""name":"n1","labels":{"zone":"b"}"#)
        #expect(run.found.all[1]["__meta_kubernetes_node_label_zone"] == "b")
        run.stop()
    }

    @Test func outsideOfAClusterAServerIsNeeded() throws {
        let error = #expect(throws: ComponentError.self) {
            try DiscoveryRun(#"{"kubernetes_sd_configs":[{"role":"pod"}]}"#)
        }
        #expect(error?.message.contains("add api_server") == true)
    }
}
