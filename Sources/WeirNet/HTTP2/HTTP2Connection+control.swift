import NIOCore
import NIOHPACK

extension HTTP2Connection {
    func readWindowUpdate(
        _ header: HTTP2FrameHeader, _ payload: inout ByteBuffer
    ) throws(HTTP2Violation) {
        guard header.length == 4, let raw: UInt32 = payload.readInteger() else {
            throw .connection(.frameSizeError, "WINDOW_UPDATE of \(header.length) bytes")
        }
        let increment = Int(raw & 0x7FFF_FFFF)
        if header.stream == 0 {
            guard increment > 0 else { throw .connection(.protocolError, "WINDOW_UPDATE by 0") }
            sendWindow += increment
            guard sendWindow <= 0x7FFF_FFFF else {
                throw .connection(.flowControlError, "the connection's window overflows")
            }
        } else {
            guard let stream = find(header.stream) else {
                if isIdle(header.stream) {
                    throw .connection(.protocolError, "WINDOW_UPDATE on an idle stream")
                }
                return try spend("frames on closed streams")
            }
            guard increment > 0 else { throw .stream(header.stream, .protocolError) }
            stream.sendWindow += increment
            guard stream.sendWindow <= 0x7FFF_FFFF else {
                throw .stream(header.stream, .flowControlError)
            }
        }
        // Looking at streams that cannot go on is work that the peer has for 13 bytes.
        let vain = header.stream == 0 ? sendBlocked() : sendBlocked(header.stream)
        if vain > 0 { try spend("window updates", cost: (vain + 63) / 64) }
    }

    func readSettings(
        _ header: HTTP2FrameHeader, _ payload: inout ByteBuffer
    ) throws(HTTP2Violation) {
        guard header.stream == 0 else { throw .connection(.protocolError, "SETTINGS on a stream") }
        try spend("settings")
        if header.flags & HTTP2Flag.ack != 0 {
            guard header.length == 0 else {
                throw .connection(.frameSizeError, "SETTINGS acknowledged with a payload")
            }
            return
        }
        guard header.length % 6 == 0 else {
            throw .connection(.frameSizeError, "SETTINGS of \(header.length) bytes")
        }
        // Without a word from the peer there is no limit; ours is that of most servers.
        var streams = 100
        var saysStreams = !hasSeenSettings
        while let (id, raw) = payload.readMultipleIntegers(as: (UInt16, UInt32).self) {
            let value = Int(raw)
            switch id {
            case HTTP2Setting.headerTableSize:
                try? encoder.setDynamicTableSize(min(value, 4096))
                encodedLists = []
            case HTTP2Setting.enablePush:
                guard value <= 1 else { throw .connection(.protocolError, "ENABLE_PUSH \(value)") }
            case HTTP2Setting.maxConcurrentStreams:
                streams = value
                saysStreams = true
            case HTTP2Setting.initialWindowSize: try changeInitialWindow(value)
            case HTTP2Setting.maxFrameSize:
                guard (16384...16_777_215).contains(value) else {
                    throw .connection(.protocolError, "MAX_FRAME_SIZE \(value)")
                }
                peerMaxFrameSize = value
            default: break
            }
        }
        hasSeenSettings = true
        frame(HTTP2FrameType.settings, length: 0, flags: HTTP2Flag.ack)
        needsFlush = true
        if saysStreams { session.received(maxConcurrentStreams: streams) }
        sendBlocked()
    }

    private func changeInitialWindow(_ value: Int) throws(HTTP2Violation) {
        guard value <= 0x7FFF_FFFF else {
            throw .connection(.flowControlError, "INITIAL_WINDOW_SIZE \(value)")
        }
        let delta = value - peerInitialWindow
        peerInitialWindow = value
        for stream in streams.values {
            stream.sendWindow += delta
            guard stream.sendWindow <= 0x7FFF_FFFF else {
                throw .connection(.flowControlError, "a stream's window overflows")
            }
        }
    }

    func readPing(_ header: HTTP2FrameHeader, _ payload: ByteBuffer) throws(HTTP2Violation) {
        guard header.stream == 0 else { throw .connection(.protocolError, "PING on a stream") }
        guard header.length == 8 else {
            throw .connection(.frameSizeError, "PING of \(header.length) bytes")
        }
        if header.flags & HTTP2Flag.ack != 0 { return session.receivedPingAnswer() }
        try spend("pings")
        frame(HTTP2FrameType.ping, length: 8, flags: HTTP2Flag.ack)
        out.writeImmutableBuffer(payload)
        needsFlush = true
    }

    func readReset(
        _ header: HTTP2FrameHeader, _ payload: inout ByteBuffer
    ) throws(HTTP2Violation) {
        guard header.stream != 0 else {
            throw .connection(.protocolError, "RST_STREAM on stream 0")
        }
        guard header.length == 4, let code: UInt32 = payload.readInteger() else {
            throw .connection(.frameSizeError, "RST_STREAM of \(header.length) bytes")
        }
        if isIdle(header.stream) {
            throw .connection(.protocolError, "RST_STREAM on an idle stream")
        }
        try spend("resets")
        guard let stream = find(header.stream) else { return }
        remove(stream)
        // After its whole answer, NO_ERROR says only that the rest of our request is of no use.
        session.received(reset: HTTP2Code(rawValue: code), stream: header.stream)
    }

    func readGoAway(
        _ header: HTTP2FrameHeader, _ payload: inout ByteBuffer
    ) throws(HTTP2Violation) {
        guard header.stream == 0 else { throw .connection(.protocolError, "GOAWAY on a stream") }
        guard let (last, code) = payload.readMultipleIntegers(as: (UInt32, UInt32).self) else {
            throw .connection(.frameSizeError, "GOAWAY of \(header.length) bytes")
        }
        try spend("goaways")
        session.received(
            goAway: last & 0x7FFF_FFFF, code: HTTP2Code(rawValue: code),
            text: String(buffer: payload))
    }

    func readPriority(
        _ header: HTTP2FrameHeader, _ payload: ByteBuffer
    ) throws(HTTP2Violation) {
        guard header.stream != 0 else { throw .connection(.protocolError, "PRIORITY on stream 0") }
        try spend("priorities")
        guard header.length == 5 else { throw .stream(header.stream, .frameSizeError) }
        let parent: UInt32 = payload.getInteger(at: payload.readerIndex) ?? 0
        if parent & 0x7FFF_FFFF == header.stream { throw .stream(header.stream, .protocolError) }
    }
}
