import Testing

@testable import WeirNet

@Suite struct ConnectionCountTests {
    private func options(_ all: Int, perClient: Int) -> ServerOptions {
        var options = ServerOptions(endpoint: .tcp(host: "127.0.0.1", port: 4317))
        (options.maxConnections, options.maxConnectionsPerClient) = (all, perClient)
        return options
    }

    @Test func countsUntilTheEnd() {
        var count = ConnectionCount()
        let options = options(4, perClient: 2)
        #expect(count.enter("a", options) == nil && count.enter("a", options) == nil)
        #expect(count.enter("a", options) == .perClient)
        #expect(count.enter("b", options) == nil && count.enter(nil, options) == nil)
        #expect(count.enter("c", options) == .all && count.all == 4)
        count.leave("a")
        #expect(count.enter("a", options) == nil && count.enter("a", options) == .all)
        for client in ["a", "a", "b", nil] { count.leave(client) }
        #expect(count.isEmpty, "nobody is remembered")
    }

    @Test func thereIsNoLimitUnlessItIsSet() {
        var count = ConnectionCount()
        for _ in 0..<10_000 { #expect(count.enter(nil, options(0, perClient: 0)) == nil) }
    }
}
