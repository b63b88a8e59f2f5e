import Synchronization
import WeirJSON
import WeirSDK
import WeirTestKit

@testable import PrometheusPlugin

/// An API server behind a fake host's client: answers lists from what it holds and leaves watches
/// open, so that a test can say what happens in them.
final class FakeCluster: Sendable {
    private struct State {
        /// Objects as JSON by path of their collection and name.
        var collections: [String: [(name: String, object: String)]] = [:]
        var version = 100
        var pageSize = 500
        /// What the next requests are answered with instead, in order.
        var refusals: [FakeReply] = []
    }

    static let environment = ClusterEnvironment(
        host: "10.96.0.1", port: "443", serviceAccountDirectory: "/sa")

    let host: FakeHost
    private let state = Mutex(State())

    init(_ host: FakeHost = FakeHost()) {
        self.host = host
        host.client.answer { [self] in answer($0) }
    }

    func run(_ config: String) throws -> DiscoveryRun {
        try DiscoveryRun(
            #"{"kubernetes_sd_configs":[\#(config)]}"#, host: host,
            cluster: FakeCluster.environment)
    }

    /// Answers the next requests with these, whatever they are.
    func refuse(_ replies: FakeReply...) { state.withLock { $0.refusals += replies } }

    func setPageSize(_ size: Int) { state.withLock { $0.pageSize = size } }

    /// Adds or replaces an object without telling any watch.
    func hold(_ path: String, _ meta: String, _ rest: String = "") {
        let object = stamped(meta, rest)
        state.withLock { state in
            let name = FakeCluster.name(object)
            state.collections[path, default: []].removeAll { $0.name == name }
            state.collections[path, default: []].append((name, object))
        }
    }

    func forget(_ path: String, _ name: String) {
        state.withLock { $0.collections[path]?.removeAll { $0.name == name } }
    }

    /// Tells the open watch of a collection what happened to an object.
    func tell(_ path: String, _ type: String, _ meta: String, _ rest: String = "") {
        // A line of a watch has no line ends within.
        let object = stamped(meta, rest).filter { $0 != "\n" }
        send(path, #"{"type":"\#(type)","object":\#(object)}"# + "\n")
    }

    /// Sends a piece of the body of the open watch of a collection.
    func send(_ path: String, _ text: String) {
        host.client.chunk(to: openWatch(path), Array(text.utf8))
    }

    func endWatch(_ path: String, _ reply: FakeReply = FakeReply(code: 200)) {
        host.client.reply(to: openWatch(path), reply)
    }

    /// Paths and queries of all requests for a collection.
    func requests(_ path: String) -> [String] {
        host.client.sent.map(\.path).filter { $0.hasPrefix(path + "?") }
    }

    private func openWatch(_ path: String) -> Int {
        host.client.sent.lastIndex { $0.path.hasPrefix(path + "?watch=1") } ?? -1
    }

    private func stamped(_ meta: String, _ rest: String) -> String {
        let version = state.withLock { state in
            state.version += 1
            return state.version
        }
        return #"{"metadata":{"resourceVersion":"\#(version)",\#(meta)}\#(rest)}"#
    }

    private static func name(_ object: String) -> String {
        (try? JSONValue(parsing: object))?["metadata"]?["name"]?.stringValue ?? ""
    }

    private func answer(_ request: SentRequest) -> FakeReply? {
        let parts = request.path.split(separator: "?", maxSplits: 1).map(String.init)
        let query = parts.last ?? ""
        return state.withLock { state in
            if !state.refusals.isEmpty { return state.refusals.removeFirst() }
            if query.hasPrefix("watch=1") { return nil }
            let all = state.collections[parts[0]] ?? []
            let from = query.split(separator: "&").first { $0.hasPrefix("continue=") }
            let start = from.flatMap { Int($0.dropFirst("continue=".count)) } ?? 0
            let end = min(all.count, start + state.pageSize)
            let next = end < all.count ? #","continue":"\#(end)""# : ""
            let items = all[start..<end].map(\.object).joined(separator: ",")
            return .json(
                #"{"kind":"List","metadata":{"resourceVersion":"\#(state.version)"\#(next)},"#
                    + #""items":[\#(items)]}"#)
        }
    }
}
