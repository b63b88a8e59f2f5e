import NIOCore
import NIOHTTP1

/// A few HTTP/1.1 connections, each with one request at a time.
final class HTTP1ClientPool: ClientConnections {
    let loop: ClientLoop
    private var idle: [HTTP1ClientConnection] = []
    private var busy: [ObjectIdentifier: HTTP1ClientConnection] = [:]
    private var connecting = 0
    private var waiting: [ClientCall] = []
    private var backoff = ConnectBackoff()
    private var isClosed = false

    init(loop: ClientLoop) { self.loop = loop }

    var isUnused: Bool { busy.isEmpty && connecting == 0 && waiting.isEmpty }

    func send(_ call: ClientCall) {
        if let connection = idle.popLast() {
            busy[ObjectIdentifier(connection)] = connection
            return connection.send(call)
        }
        // Whoever reads from a server comes at a pace of its own, and wants to know how things are now.
        if !call.request.isSafe, connecting == 0, busy.isEmpty,
            let error = backoff.refusal(now: loop.eventLoop.now)
        {
            return call.finish(.failure(error))
        }
        waiting.append(call)
        call.onAbandon = { [weak self, unowned call] in
            self?.waiting.removeAll { $0 === call }
        }
        if connecting < waiting.count, connecting + busy.count < loop.shared.options.maxConnections
        {
            connect()
        }
    }

    private func connect() {
        connecting += 1
        let shared = loop.shared
        let connection = HTTP1ClientConnection(pool: self, shared: shared)
        let bound = NIOLoopBound((self, connection), eventLoop: loop.eventLoop)
        shared.connect(on: loop.eventLoop, expects: .http1) { channel in
            try channel.pipeline.syncOperations.addHandlers(
                HTTPRequestEncoder(), ByteToMessageHandler(HTTPResponseDecoder()), bound.value.1)
        }.whenComplete { result in
            let (pool, connection) = bound.value
            pool.connecting -= 1
            switch result {
            case .success: pool.connected(connection)
            case .failure(let error):
                pool.failed(NetError(connectingTo: shared.connectText, error))
            }
        }
    }

    private func connected(_ connection: HTTP1ClientConnection) {
        guard connection.isOpen else { return }
        if isClosed { return connection.close() }
        busy[ObjectIdentifier(connection)] = connection
        release(connection)
    }

    func failed(_ error: NetError) {
        backoff.failed(error, loop.shared.options, now: loop.eventLoop.now)
        guard connecting == 0, busy.isEmpty else { return }
        let calls = waiting
        waiting = []
        for call in calls { call.finish(.failure(error)) }
    }

    func answered() { backoff.succeeded() }

    /// The connection is free for the next request.
    func release(_ connection: HTTP1ClientConnection) {
        while !waiting.isEmpty {
            let call = waiting.removeFirst()
            if !call.isDone { return connection.send(call) }
        }
        busy.removeValue(forKey: ObjectIdentifier(connection))
        guard idle.count < loop.shared.options.maxIdleConnections else { return connection.close() }
        idle.append(connection)
        connection.becameIdle(closeAfter: loop.shared.options.idleConnectionTimeout)
    }

    func ended(_ connection: HTTP1ClientConnection) {
        busy.removeValue(forKey: ObjectIdentifier(connection))
        idle.removeAll { $0 === connection }
        // Requests that waited for this connection need another.
        if !waiting.isEmpty, connecting == 0, busy.isEmpty { connect() }
    }

    /// The connection ended under a request that only asks, before there was any answer: the server
    /// closed it for idleness, while the request was on its way.
    func retry(_ call: ClientCall) {
        call.wasRetried = true
        loop.resend(call)
    }

    func close() {
        isClosed = true
        let error = NetError(.closed, "the client has been closed")
        let calls = waiting
        waiting = []
        for call in calls { call.finish(.failure(error)) }
        for connection in idle + Array(busy.values) { connection.close() }
    }
}
