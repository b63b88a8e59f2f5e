import Testing
import WeirSDK
import WeirTestKit

@testable import PrometheusPlugin

private let nodes = "/api/v1/nodes"

private func node(_ ip: String) -> String {
    #"""
    ,"spec":{"providerID":"aws:///i-1"},"status":{"addresses":[{"type":"Hostname","address":"h"},
      {"type":"InternalIP","address":"\#(ip)"},{"type":"InternalIP","address":"fd00::9"}],
      "conditions":[{"type":"Ready","status":"True"},{"type":"DiskPressure","status":"False"}],
      "daemonEndpoints":{"kubeletEndpoint":{"Port":10250}}}
    """#
}

private let gone = FakeReply.json(#"{"kind":"Status","code":410,"message":"too old"}"#, code: 410)
private let unauthorized = FakeReply.json(
    #"{"kind":"Status","code":401,"message":"Unauthorized"}"#, code: 401)

struct KubernetesWatchTests {
    @Test func aNodeHasAllItsLabels() throws {
        let cluster = FakeCluster()
        cluster.hold(nodes, #""name":"n1","labels":{"zone":"z"}"#, node("10.0.0.1"))
        let run = try cluster.run(#"{"role":"node"}"#)
        #expect(
            run.found.all == [
                labels([
                    "__address__": "10.0.0.1:10250", "instance": "n1",
                    "__meta_kubernetes_node_name": "n1",
                    "__meta_kubernetes_node_provider_id": "aws:///i-1",
                    "__meta_kubernetes_node_label_zone": "z",
                    "__meta_kubernetes_node_labelpresent_zone": "true",
                    "__meta_kubernetes_node_address_Hostname": "h",
                    "__meta_kubernetes_node_address_InternalIP": "10.0.0.1",
                    "__meta_kubernetes_node_condition_ready": "true",
                    "__meta_kubernetes_node_condition_diskpressure": "false",
                ])
            ])
        run.stop()
    }

    @Test func aWatchGoesOnFromTheLastVersion() throws {
        let cluster = FakeCluster()
        cluster.hold(nodes, #""name":"n1""#, node("10.0.0.1"))
        let run = try cluster.run(#"{"role":"node"}"#)
        cluster.send(
            nodes,
            #"{"type":"BOOKMARK","object":{"kind":"Node","metadata":{"resourceVersion":"777"}}}"#
                + "\n")
        cluster.endWatch(nodes)
        #expect(cluster.requests(nodes).count == 3)
        #expect(cluster.requests(nodes)[2].hasSuffix("resourceVersion=777"))
        #expect(run.found.calls == [1])
        run.stop()
    }

    @Test(arguments: [true, false]) func whatIsGoneIsListedAgain(_ asEvent: Bool) throws {
        let cluster = FakeCluster()
        cluster.hold(nodes, #""name":"n1""#, node("10.0.0.1"))
        cluster.hold(nodes, #""name":"n2""#, node("10.0.0.2"))
        cluster.hold(nodes, #""name":"n3""#, node("10.0.0.3"))
        let run = try cluster.run(#"{"role":"node"}"#)
        // While nobody looks, one goes, one changes, one comes.
        cluster.forget(nodes, "n1")
        cluster.hold(nodes, #""name":"n2""#, node("10.0.0.9"))
        cluster.hold(nodes, #""name":"n4""#, node("10.0.0.4"))
        if asEvent {
            cluster.send(
                nodes, #"{"type":"ERROR","object":{"kind":"Status","code":410}}"# + "\n")
        } else {
            cluster.endWatch(nodes, gone)
        }
        #expect(cluster.requests(nodes).count == 4, "list, watch, list, watch")
        #expect(run.found.addresses == ["10.0.0.3:10250", "10.0.0.4:10250", "10.0.0.9:10250"])
        #expect(run.found.calls == [3, 3], "n3 is as it was")
        run.stop()
    }

    @Test func aTokenThatIsRefusedIsTriedAgain() throws {
        let cluster = FakeCluster()
        cluster.hold(nodes, #""name":"n1""#, node("10.0.0.1"))
        cluster.refuse(unauthorized, unauthorized)
        let run = try cluster.run(#"{"role":"node"}"#)
        #expect(run.found.calls == [])
        #expect(
            run.warnings == [
                "kubernetes_sd (node): listing nodes: the API server answered with status 401: "
                    + "Unauthorized; the targets known so far stay"
            ])
        cluster.host.advance(by: .seconds(10))
        #expect(run.found.addresses == ["10.0.0.1:10250"])
        #expect(run.discovery.status[0].lastError == "")
        #expect(run.discovery.status[0].failures == 2)

        // The same in a watch: nothing is listed again, nothing is lost.
        cluster.endWatch(nodes, unauthorized)
        cluster.host.advance(by: .seconds(10))
        cluster.tell(nodes, "ADDED", #""name":"n2""#, node("10.0.0.2"))
        #expect(run.found.addresses == ["10.0.0.1:10250", "10.0.0.2:10250"])
        run.stop()
        #expect(cluster.host.timerCount == 0)
    }

    @Test func aListThatExpiresBetweenPagesBeginsAnew() throws {
        let cluster = FakeCluster()
        cluster.setPageSize(1)
        cluster.hold(nodes, #""name":"n1""#, node("10.0.0.1"))
        cluster.hold(nodes, #""name":"n2""#, node("10.0.0.2"))
        let run = try cluster.run(#"{"role":"node"}"#)
        cluster.refuse(gone, gone)
        cluster.endWatch(nodes, FakeReply(code: 410))
        #expect(run.found.addresses.count == 2)
        cluster.host.advance(by: .seconds(10))
        #expect(cluster.requests(nodes).last?.contains("watch=1") == true)
        #expect(run.found.calls == [2])
        run.stop()
    }

    @Test func whatIsNoEventBreaksTheWatchOff() throws {
        let cluster = FakeCluster()
        cluster.hold(nodes, #""name":"n1""#, node("10.0.0.1"))
        let run = try cluster.run(#"{"role":"node"}"#)
        cluster.send(nodes, "{\"type\":\"ADDED\",\n")
        #expect(cluster.host.client.cancelled.count == 1)
        cluster.host.advance(by: .seconds(2))
        #expect(cluster.requests(nodes).count == 3)
        #expect(run.found.addresses == ["10.0.0.1:10250"])
        run.stop()
    }
}

struct WatchStateTests {
    @Test func failuresWaitLongerAndLonger() {
        var state = WatchState()
        _ = state.resume()
        var waits: [Duration] = []
        for _ in 0..<8 {
            guard case .wait(let delay) = state.listEnded(.failed, random: 1) else {
                Issue.record("expected a wait")
                return
            }
            waits.append(delay)
        }
        #expect(waits.first == .milliseconds(800))
        #expect(waits.last == .seconds(30))
        #expect(waits == waits.sorted())
        _ = state.listed(version: "5", next: "")
        #expect(
            state.watchEnded(.failed, after: .seconds(5), sawAny: true, random: 0)
                == .wait(.milliseconds(400)))
        #expect(state.resume() == .watch(version: "5"))
    }

    @Test func aWatchThatIsCutOffAtOnceWaits() {
        var state = WatchState()
        _ = state.listed(version: "5", next: "")
        #expect(
            state.watchEnded(.finished, after: .milliseconds(10), sawAny: false, random: 1)
                == .wait(.milliseconds(800)))
        #expect(
            state.watchEnded(.finished, after: .seconds(400), sawAny: false, random: 1)
                == .watch(version: "5"))
    }

    @Test func asking410AgainAndAgainIsSlow() {
        var state = WatchState()
        _ = state.listed(version: "5", next: "")
        #expect(
            state.watchEnded(.expired, after: .seconds(5), sawAny: true, random: 1)
                == .list(continuing: ""))
        _ = state.listed(version: "6", next: "")
        #expect(
            state.watchEnded(.expired, after: .zero, sawAny: false, random: 1)
                == .wait(.milliseconds(800)))
        #expect(state.resume() == .list(continuing: ""))
    }
}
