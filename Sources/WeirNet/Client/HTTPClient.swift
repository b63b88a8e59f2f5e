package import NIOCore
import NIOPosix
import Synchronization

/// Sends requests to one server over HTTP/1.1, HTTP/2 or gRPC.
///
/// Each event loop of the group has its own connections: a request sent from one of these loops
/// stays there, its completion included.
package final class HTTPClient: Sendable {
    package let options: ClientOptions
    private let group: any EventLoopGroup
    private let isClosed = Atomic<Bool>(false)
    private let loops: [ObjectIdentifier: ClientLoop]

    /// Loads the certificates; connects with the first request.
    package init(options: ClientOptions, group: any EventLoopGroup) throws(NetError) {
        self.options = options
        self.group = group
        let shared = try ClientShared(options)
        var loops: [ObjectIdentifier: ClientLoop] = [:]
        for loop in group.makeIterator() {
            loops[ObjectIdentifier(loop)] = ClientLoop(shared: shared, eventLoop: loop)
        }
        self.loops = loops
    }

    /// Sends one request. The completion is called once, on the event loop of the call: the given
    /// one, else the one that the caller is on, else any.
    @discardableResult
    package func send(
        _ request: ClientRequest, on eventLoop: (any EventLoop)? = nil,
        completion: @escaping @Sendable (ClientResult) -> Void
    ) -> ClientCall {
        let loop = state(for: eventLoop)
        let call = ClientCall(request, eventLoop: loop.eventLoop, completion: completion)
        if loop.eventLoop.inEventLoop {
            loop.send(call)
        } else {
            loop.eventLoop.execute { loop.send(call) }
        }
        return call
    }

    deinit {
        guard !isClosed.load(ordering: .acquiring) else { return }
        for loop in loops.values { loop.eventLoop.execute { loop.close() } }
    }

    /// Ends all connections; requests in flight fail with `closed`.
    package func close() -> EventLoopFuture<Void> {
        isClosed.store(true, ordering: .releasing)
        let all = loops.values.map { loop in loop.eventLoop.submit { loop.close() } }
        return EventLoopFuture.andAllSucceed(all, on: group.next())
    }

    private func state(for eventLoop: (any EventLoop)?) -> ClientLoop {
        if let eventLoop, let state = loops[ObjectIdentifier(eventLoop)] { return state }
        if let current = MultiThreadedEventLoopGroup.currentEventLoop,
            let state = loops[ObjectIdentifier(current)]
        {
            return state
        }
        return loops[ObjectIdentifier(group.next())]!
    }
}
