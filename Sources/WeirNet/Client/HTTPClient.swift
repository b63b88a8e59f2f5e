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
    private let shared: ClientShared
    /// Made when they are first needed: there may be a thousand clients, and as many loops as cores.
    private let loops = Mutex<[ObjectIdentifier: ClientLoop]>([:])

    /// Loads the certificates; connects with the first request.
    package init(options: ClientOptions, group: any EventLoopGroup) throws(NetError) {
        self.options = options
        self.group = group
        shared = try ClientShared(options)
    }

    /// Sends one request. The completion is called once, on the event loop of the call: the given
    /// one, else the one that the caller is on, else any.
    @discardableResult
    package func send(
        _ request: ClientRequest, on eventLoop: (any EventLoop)? = nil,
        completion: @escaping @Sendable (ClientResult) -> Void
    ) -> ClientCall {
        let loop = loop(for: eventLoop)
        let call = ClientCall(request, eventLoop: loop.eventLoop, completion: completion)
        if let fault = request.fault {
            loop.eventLoop.execute { call.finish(.failure(fault)) }
        } else if loop.eventLoop.inEventLoop {
            loop.send(call)
        } else {
            loop.eventLoop.execute { loop.send(call) }
        }
        return call
    }

    deinit {
        guard !isClosed.load(ordering: .acquiring) else { return }
        for loop in loops.withLock({ Array($0.values) }) {
            loop.eventLoop.execute { loop.close() }
        }
    }

    /// Ends all connections; requests in flight fail with `closed`.
    package func close() -> EventLoopFuture<Void> {
        isClosed.store(true, ordering: .releasing)
        let all = loops.withLock { Array($0.values) }
        let closed = all.map { loop in loop.eventLoop.submit { loop.close() } }
        return EventLoopFuture.andAllSucceed(closed, on: group.next())
    }

    private func loop(for eventLoop: (any EventLoop)?) -> ClientLoop {
        let eventLoop = eventLoop ?? MultiThreadedEventLoopGroup.currentEventLoop
        return loops.withLock { loops in
            if let eventLoop, let known = loops[ObjectIdentifier(eventLoop)] { return known }
            let isOurs = eventLoop.map { wanted in group.makeIterator().contains { $0 === wanted } }
            let chosen = isOurs == true ? eventLoop! : group.next()
            if let known = loops[ObjectIdentifier(chosen)] { return known }
            let made = ClientLoop(shared: shared, eventLoop: chosen)
            if isClosed.load(ordering: .acquiring) { made.refuse() }
            loops[ObjectIdentifier(chosen)] = made
            return made
        }
    }
}
