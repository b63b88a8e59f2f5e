import NIOCore
import NIOHPACK

extension HTTP2Connection {
    private static let preface: [UInt8] = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    /// Handles all whole frames, and the parts of DATA frames as they come.
    func parse(_ bytes: inout ByteBuffer) throws(HTTP2Violation) {
        if needsPreface {
            guard bytes.readableBytes >= 24 else { return }
            guard bytes.readableBytesView.starts(with: Self.preface) else {
                throw .connection(.protocolError, "no connection preface")
            }
            bytes.moveReaderIndex(forwardBy: 24)
            needsPreface = false
        }
        while !isClosed {
            if dataLeft > 0 || dataPadding > 0 {
                guard bytes.readableBytes > 0 else { return }
                try readData(&bytes)
                continue
            }
            let start = bytes.readerIndex
            guard let header = HTTP2FrameHeader(reading: &bytes) else { return }
            do {
                guard try readFrame(header, &bytes) else {
                    bytes.moveReaderIndex(to: start)
                    return
                }
            } catch {
                guard case .stream(let id, let code) = error else { throw error }
                try violated(id, code)
            }
        }
    }

    /// Returns `false` when the rest of the frame has still to come.
    private func readFrame(
        _ header: HTTP2FrameHeader, _ bytes: inout ByteBuffer
    ) throws(HTTP2Violation) -> Bool {
        guard header.length <= limits.maxFrameSize else {
            throw .connection(.frameSizeError, "a frame of \(header.length) bytes")
        }
        if needsSettings {
            guard header.type == HTTP2FrameType.settings, header.flags & HTTP2Flag.ack == 0 else {
                throw .connection(.protocolError, "the first frame is not SETTINGS")
            }
        }
        if headerBlock != nil {
            guard header.type == HTTP2FrameType.continuation, header.stream == headerStream else {
                throw .connection(.protocolError, "a frame within a header block")
            }
        }
        if header.type == HTTP2FrameType.data { return try beginData(header, &bytes) }
        // All others are small: none may make us hold much.
        guard header.length <= max(16384, limits.maxHeaderListBytes) else {
            throw .connection(.enhanceYourCalm, "a control frame of \(header.length) bytes")
        }
        guard var payload = bytes.readSlice(length: header.length) else { return false }
        needsSettings = false
        switch header.type {
        case HTTP2FrameType.headers: try readHeaders(header, &payload)
        case HTTP2FrameType.continuation: try readContinuation(header, payload)
        case HTTP2FrameType.windowUpdate: try readWindowUpdate(header, &payload)
        case HTTP2FrameType.settings: try readSettings(header, &payload)
        case HTTP2FrameType.ping: try readPing(header, payload)
        case HTTP2FrameType.reset: try readReset(header, &payload)
        case HTTP2FrameType.goAway: try readGoAway(header, &payload)
        case HTTP2FrameType.priority: try readPriority(header, payload)
        case HTTP2FrameType.pushPromise: throw .connection(.protocolError, "PUSH_PROMISE")
        default: try spend("unknown frames")
        }
        return true
    }

    // MARK: DATA

    private func beginData(
        _ header: HTTP2FrameHeader, _ bytes: inout ByteBuffer
    ) throws(HTTP2Violation) -> Bool {
        guard header.stream != 0 else { throw .connection(.protocolError, "DATA on stream 0") }
        var padding = 0
        var length = header.length
        if header.flags & HTTP2Flag.padded != 0 {
            guard length > 0 else {
                throw .connection(.frameSizeError, "padding without its length")
            }
            guard let size: UInt8 = bytes.readInteger() else { return false }
            length -= 1
            padding = Int(size)
            guard padding <= length else {
                throw .connection(.protocolError, "more padding than payload")
            }
            length -= padding
        }
        guard header.length <= receiveWindow else {
            throw .connection(.flowControlError, "DATA beyond the connection's window")
        }
        receiveWindow -= header.length
        // What is no payload is used up at once; the rest when it is handed on.
        credit(nil, header.length - length)
        dataStream = header.stream
        dataEnds = header.flags & HTTP2Flag.endStream != 0
        if length == 0, !dataEnds {
            try spend("empty DATA frames")
        } else {
            flood.earn()
        }
        if let stream = find(header.stream) {
            if stream.hasReceivedEnd || !stream.hasReceivedHeaders {
                skip(length, padding)
                let code: HTTP2Code = stream.hasReceivedEnd ? .streamClosed : .protocolError
                throw .stream(header.stream, code)
            }
            guard header.length <= stream.receiveWindow else {
                skip(length, padding)
                throw .stream(header.stream, .flowControlError)
            }
            stream.receiveWindow -= header.length
            credit(stream, header.length - length)
            stream.receivedLength += length
            if let expected = stream.expectedLength, stream.receivedLength > expected {
                skip(length, padding)
                throw .stream(header.stream, .protocolError)
            }
            dataLeft = length
            dataPadding = padding
            if length == 0 { try endOfData(ByteBuffer()) }
        } else {
            try ignoreOrFail(header.stream, "DATA")
            try spend("frames on closed streams", cost: length == 0 ? 1 : 0)
            skip(length, padding)
        }
        return true
    }

    /// The payload of a frame that belongs to no stream is read and credited all the same.
    private func skip(_ length: Int, _ padding: Int) {
        dataStream = 0
        dataLeft = length
        dataPadding = padding
    }

    private func readData(_ bytes: inout ByteBuffer) throws(HTTP2Violation) {
        if dataLeft > 0 {
            let count = min(dataLeft, bytes.readableBytes)
            dataLeft -= count
            guard let chunk = bytes.readSlice(length: count) else { return }
            credit(dataStream == 0 ? nil : find(dataStream), count, isPayload: true)
            if dataStream != 0 {
                if dataLeft == 0 {
                    try endOfData(chunk)
                } else {
                    var chunk = chunk
                    session.received(data: &chunk, stream: dataStream, endStream: false)
                }
            }
        }
        if dataLeft == 0, dataPadding > 0 {
            let count = min(dataPadding, bytes.readableBytes)
            bytes.moveReaderIndex(forwardBy: count)
            dataPadding -= count
        }
    }

    /// Hands on the last part of a DATA frame.
    private func endOfData(_ chunk: ByteBuffer) throws(HTTP2Violation) {
        // The session may have reset it while an earlier part was handed on.
        guard let stream = find(dataStream) else { return }
        var chunk = chunk
        if dataEnds {
            if let expected = stream.expectedLength, expected != stream.receivedLength {
                return try violated(stream.id, .protocolError)
            }
            stream.hasReceivedEnd = true
        }
        if chunk.readableBytes > 0 || dataEnds {
            session.received(data: &chunk, stream: stream.id, endStream: dataEnds)
        }
        if dataEnds { removeIfDone(stream) }
    }

    /// Gives windows back, seldom: when half of one is used up.
    private func credit(_ stream: HTTP2StreamState?, _ count: Int, isPayload: Bool = false) {
        if stream == nil || isPayload {
            consumed += count
            if consumed >= limits.connectionWindow / 2 {
                receiveWindow += consumed
                frame(HTTP2FrameType.windowUpdate, length: 4)
                out.writeInteger(UInt32(consumed))
                consumed = 0
                needsFlush = true
            }
        }
        guard let stream, !stream.hasReceivedEnd else { return }
        stream.consumed += count
        guard stream.consumed >= limits.streamWindow / 2, !dataEnds else { return }
        stream.receiveWindow += stream.consumed
        frame(HTTP2FrameType.windowUpdate, length: 4, stream: stream.id)
        out.writeInteger(UInt32(stream.consumed))
        stream.consumed = 0
        needsFlush = true
    }
}
