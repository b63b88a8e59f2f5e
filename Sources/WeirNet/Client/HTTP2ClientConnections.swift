import NIOCore

/// One HTTP/2 connection, replaced when it ends.
final class HTTP2ClientConnections: ClientConnections {
    let loop: ClientLoop
    private var session: HTTP2ClientSession?
    private var isConnecting = false
    private var waiting: [ClientCall] = []
    private var backoff = ConnectBackoff()
    /// Told by GOAWAY to end; they finish their requests.
    private var ending: [ObjectIdentifier: HTTP2ClientSession] = [:]

    init(loop: ClientLoop) { self.loop = loop }

    var isUnused: Bool { session == nil && ending.isEmpty && !isConnecting && waiting.isEmpty }

    func send(_ call: ClientCall) {
        if let session { return session.send(call) }
        if !isConnecting, let error = backoff.refusal(now: loop.eventLoop.now) {
            return call.finish(.failure(error))
        }
        waiting.append(call)
        call.onAbandon = { [weak self, unowned call] in
            self?.waiting.removeAll { $0 === call }
        }
        connect()
    }

    private func connect() {
        guard !isConnecting else { return }
        isConnecting = true
        let session = HTTP2ClientSession(loop: loop, owner: self)
        let shared = loop.shared
        // A client's streams bring small answers: the windows need no more than the limit.
        let limits = HTTP2Limits(
            streamWindow: max(65535, shared.options.maxResponseBytes + 1024),
            connectionWindow: 16 << 20, maxHeaderListBytes: 16 << 10, maxConcurrentStreams: 0)
        let bound = NIOLoopBound((self, session), eventLoop: loop.eventLoop)
        shared.connect(on: loop.eventLoop, expects: .http2) { channel in
            try HTTP2Connection.add(
                to: channel, session: bound.value.1, limits: limits, isServer: false,
                peerName: shared.targetText)
        }.whenFailure { error in
            bound.value.0.failedToConnect(NetError(connectingTo: shared.targetText, error))
        }
    }

    private func failedToConnect(_ error: NetError) {
        guard isConnecting else { return }
        isConnecting = false
        backoff.failed(error, loop.shared.options, now: loop.eventLoop.now)
        let calls = waiting
        waiting = []
        for call in calls { call.finish(.failure(error)) }
    }

    /// The server's SETTINGS are in: it speaks HTTP/2 with us.
    func ready(_ session: HTTP2ClientSession) {
        isConnecting = false
        backoff.succeeded()
        self.session = session
        let calls = waiting
        waiting = []
        for call in calls where !call.isDone { session.send(call) }
    }

    /// The session takes no more requests.
    func isEnding(_ session: HTTP2ClientSession) {
        guard self.session === session else { return }
        self.session = nil
        ending[ObjectIdentifier(session)] = session
    }

    func ended(_ session: HTTP2ClientSession, _ error: NetError) {
        if ending.removeValue(forKey: ObjectIdentifier(session)) != nil { return }
        if self.session === session {
            self.session = nil
        } else {
            failedToConnect(error)
        }
    }

    /// A request that the server has certainly not looked at.
    func retry(_ call: ClientCall, _ error: NetError) {
        guard !call.wasRetried, !call.isDone else { return call.finish(.failure(error)) }
        call.wasRetried = true
        send(call)
    }

    func close() {
        let error = NetError(.closed, "the client has been closed")
        session?.shutDown(error)
        for session in Array(ending.values) { session.shutDown(error) }
        let calls = waiting
        waiting = []
        for call in calls { call.finish(.failure(error)) }
    }
}
