import NIOCore
import NIOHPACK

extension HTTP2Connection {
    func find(_ id: UInt32) -> HTTP2StreamState? {
        if let lastUsed, lastUsed.id == id { return lastUsed }
        lastUsed = streams[id]
        return lastUsed
    }

    func isPeers(_ id: UInt32) -> Bool { (id & 1 == 1) == isServer }

    /// A stream that has never been opened.
    func isIdle(_ id: UInt32) -> Bool {
        isPeers(id) ? id > lastPeerStream : id >= nextLocalStream
    }

    func add(_ id: UInt32) -> HTTP2StreamState {
        let stream = HTTP2StreamState(
            id: id, receiveWindow: limits.streamWindow, sendWindow: peerInitialWindow)
        streams[id] = stream
        lastUsed = stream
        if isPeers(id) { openPeerStreams += 1 }
        return stream
    }

    func remove(_ stream: HTTP2StreamState) {
        guard streams.removeValue(forKey: stream.id) != nil else { return }
        if isPeers(stream.id) { openPeerStreams -= 1 }
        if lastUsed === stream { lastUsed = nil }
        if !stream.outbox.isEmpty {
            stream.outbox = []
            blocked.removeAll { $0 == stream.id }
        }
        closeIfDone()
    }

    func removeIfDone(_ stream: HTTP2StreamState) {
        if stream.hasSentEnd, stream.hasReceivedEnd, stream.outbox.isEmpty { remove(stream) }
    }

    /// A frame for a stream that is no longer there.
    func ignoreOrFail(_ id: UInt32, _ what: String) throws(HTTP2Violation) {
        if isIdle(id) { throw .connection(.protocolError, "\(what) on idle stream \(id)") }
        guard resets.contains(id) else {
            throw .connection(.streamClosed, "\(what) on closed stream \(id)")
        }
    }

    func spend(_ what: String, cost: Int = 1) throws(HTTP2Violation) {
        guard flood.spend(cost, now: eventLoop.now) else {
            throw .connection(.enhanceYourCalm, "too many \(what)")
        }
    }

    /// A violation of one stream: resets it and tells the session.
    func violated(_ id: UInt32, _ code: HTTP2Code) throws(HTTP2Violation) {
        try spend("stream errors")
        write(reset: code, stream: id)
        session.received(reset: code, stream: id)
    }
}
