import NIOCore
import NIOHPACK

extension HTTP2Connection {
    /// Payloads up to this size are copied behind their frame header; larger ones are sent as they
    /// are.
    private static let copyLimit = 1024
    /// One frame at most, so that no stream holds up the others for long.
    private static let ownMaxFrameSize = 1 << 20

    func frame(_ type: UInt8, length: Int, flags: UInt8 = 0, stream: UInt32 = 0) {
        HTTP2FrameHeader(length: length, type: type, flags: flags, stream: stream).write(to: &out)
    }

    /// Passes on what has been gathered.
    func writeOut() {
        guard out.readableBytes > 0 else { return }
        context.write(wrapOutboundOut(out), promise: nil)
        out = ByteBuffer()
        needsFlush = true
    }

    /// At once outside a burst of reads; inside one, `channelReadComplete` does it.
    func flush() {
        guard !isReading, !isClosed else { return }
        writeOut()
        guard needsFlush else { return }
        needsFlush = false
        context.flush()
    }

    // MARK: Control frames

    func write(reset code: HTTP2Code, stream id: UInt32) {
        guard !isClosed else { return }
        guard let stream = find(id) else {
            // Done on both sides, so nothing is left to cut short; or refused before it was a stream.
            if code == .noError { return }
            needsFlush = true
            frame(HTTP2FrameType.reset, length: 4, stream: id)
            out.writeInteger(code.rawValue)
            return
        }
        needsFlush = true
        // NO_ERROR follows a whole answer, so it waits for what waits before it.
        if code == .noError, !stream.outbox.isEmpty {
            stream.outbox.append(.reset(code))
            return
        }
        if stream.hasSentEnd, stream.hasReceivedEnd { return }
        frame(HTTP2FrameType.reset, length: 4, stream: id)
        out.writeInteger(code.rawValue)
        resets.insert(id)
        if dataStream == id { dataStream = 0 }
        remove(stream)
    }

    func write(goAwayAfter lastStream: UInt32, code: HTTP2Code, text: String) {
        guard !isClosed else { return }
        let bytes = text.utf8.prefix(512)
        frame(HTTP2FrameType.goAway, length: 8 + bytes.count)
        out.writeMultipleIntegers(lastStream, code.rawValue)
        out.writeBytes(bytes)
        needsFlush = true
    }

    func writePing() {
        guard !isClosed else { return }
        frame(HTTP2FrameType.ping, length: 8)
        out.writeInteger(UInt64(1))
        needsFlush = true
    }

    // MARK: HEADERS

    func write(headers: HTTP2HeaderList, stream id: UInt32, endStream: Bool) {
        guard !isClosed else { return }
        let stream: HTTP2StreamState
        if let known = find(id) {
            stream = known
        } else {
            guard !isServer, id >= nextLocalStream else { return }
            nextLocalStream = id + 2
            stream = add(id)
        }
        guard stream.outbox.isEmpty else {
            stream.outbox.append(.headers(headers))
            return
        }
        put(headers, stream, endStream)
        if endStream { sentEnd(stream) }
    }

    private func sentEnd(_ stream: HTTP2StreamState) {
        stream.hasSentEnd = true
        removeIfDone(stream)
    }

    private func put(_ headers: HTTP2HeaderList, _ stream: HTTP2StreamState, _ endStream: Bool) {
        let block = encode(headers)
        var rest = block
        var flags = endStream ? HTTP2Flag.endStream : 0
        var type = HTTP2FrameType.headers
        repeat {
            let part = rest.readSlice(length: min(rest.readableBytes, peerMaxFrameSize))!
            if rest.readableBytes == 0 { flags |= HTTP2Flag.endHeaders }
            frame(type, length: part.readableBytes, flags: flags, stream: stream.id)
            out.writeImmutableBuffer(part)
            flags = 0
            type = HTTP2FrameType.continuation
        } while rest.readableBytes > 0
        needsFlush = true
    }

    /// Lists that are sent again and again become one-byte references; their bytes are kept for as
    /// long as no other list changes the table.
    private func encode(_ list: HTTP2HeaderList) -> ByteBuffer {
        for known in encodedLists where known.list === list { return known.block }
        var block = allocator.buffer(capacity: 256)
        do {
            try encoder.encode(headers: list.headers, to: &block)
        } catch {
            preconditionFailure("HPACK cannot encode a list: \(error)")
        }
        if HTTP2HeaderBlock.isOnlyReferences(block) {
            if encodedLists.count >= 8 { encodedLists.removeFirst() }
            encodedLists.append(EncodedList(list: list, block: block))
        } else {
            encodedLists.removeAll(keepingCapacity: true)
        }
        return block
    }

    // MARK: DATA

    func write(data: ByteBuffer, stream id: UInt32, endStream: Bool) {
        write(parts: [data], stream: id, endStream: endStream)
    }

    func write(parts: [ByteBuffer], stream id: UInt32, endStream: Bool) {
        guard !isClosed, let stream = find(id), !stream.hasSentEnd else { return }
        let isFirst = stream.outbox.isEmpty
        if isFirst, let rest = put(parts, stream, endStream) {
            stream.outbox.append(.data(rest, endStream: endStream))
            blocked.append(id)
        } else if !isFirst {
            stream.outbox.append(.data(parts, endStream: endStream))
        } else if endStream {
            sentEnd(stream)
        }
    }

    /// Sends what the windows allow; returns what they do not.
    private func put(
        _ parts: [ByteBuffer], _ stream: HTTP2StreamState, _ endStream: Bool
    ) -> [ByteBuffer]? {
        needsFlush = true
        let total = parts.reduce(0) { $0 + $1.readableBytes }
        let allowed = min(total, max(0, min(sendWindow, stream.sendWindow)))
        guard allowed > 0 || total == 0 else { return parts }
        flood.earn()
        sendWindow -= allowed
        stream.sendWindow -= allowed
        let isAll = allowed == total
        let largest = min(peerMaxFrameSize, Self.ownMaxFrameSize)
        if isAll, total <= min(Self.copyLimit, largest) {
            let flags = endStream ? HTTP2Flag.endStream : 0
            frame(HTTP2FrameType.data, length: total, flags: flags, stream: stream.id)
            for part in parts { out.writeImmutableBuffer(part) }
            return nil
        }
        // All frame headers go into one buffer, of which each frame gets a slice.
        let frames = (allowed + largest - 1) / largest
        var heads = out
        out = ByteBuffer()
        let gathered = heads.readableBytes
        heads.reserveCapacity(minimumWritableBytes: frames * HTTP2FrameHeader.size)
        for index in 0..<frames {
            let isLast = index == frames - 1
            HTTP2FrameHeader(
                length: isLast ? allowed - index * largest : largest, type: HTTP2FrameType.data,
                flags: isLast && isAll && endStream ? HTTP2Flag.endStream : 0, stream: stream.id
            ).write(to: &heads)
        }
        var index = 0
        var part = parts[0]
        var left = allowed
        var isFirst = true
        while left > 0 {
            let size = HTTP2FrameHeader.size + (isFirst ? gathered : 0)
            isFirst = false
            context.write(wrapOutboundOut(heads.readSlice(length: size)!), promise: nil)
            var inFrame = min(left, largest)
            left -= inFrame
            while inFrame > 0 {
                while part.readableBytes == 0 {
                    index += 1
                    part = parts[index]
                }
                let slice = part.readSlice(length: min(inFrame, part.readableBytes))!
                inFrame -= slice.readableBytes
                context.write(wrapOutboundOut(slice), promise: nil)
            }
        }
        if isAll { return nil }
        return [part] + parts[(index + 1)...]
    }

    /// The windows have grown: sends on, each stream in its turn. Returns how many streams were
    /// looked at in vain; 1 when there was nothing to look at.
    @discardableResult func sendBlocked() -> Int {
        var count = blocked.count
        var vain = count == 0 ? 1 : 0
        while count > 0, sendWindow > 0, !blocked.isEmpty {
            count -= 1
            let id = blocked.removeFirst()
            guard let stream = streams[id] else { continue }
            let before = sendWindow
            if !sendOutbox(stream) {
                blocked.append(id)
                if sendWindow == before { vain += 1 }
            }
        }
        closeIfDone()
        return vain
    }

    /// The same when the window of one stream has grown.
    func sendBlocked(_ id: UInt32) -> Int {
        guard sendWindow > 0, let stream = streams[id], !stream.outbox.isEmpty else { return 1 }
        let before = sendWindow
        if sendOutbox(stream) {
            blocked.removeAll { $0 == id }
            closeIfDone()
        }
        return sendWindow == before ? 1 : 0
    }

    /// Returns `false` when something is left.
    private func sendOutbox(_ stream: HTTP2StreamState) -> Bool {
        while let output = stream.outbox.first {
            switch output {
            case .data(let parts, let endStream):
                if let rest = put(parts, stream, endStream) {
                    stream.outbox[0] = .data(rest, endStream: endStream)
                    return false
                }
                stream.outbox.removeFirst()
                if endStream, stream.outbox.isEmpty {
                    sentEnd(stream)
                } else if endStream {
                    stream.hasSentEnd = true
                }
            case .headers(let headers):
                // Only trailers ever wait.
                stream.outbox.removeFirst()
                put(headers, stream, true)
                stream.hasSentEnd = true
                if stream.outbox.isEmpty { removeIfDone(stream) }
            case .reset(let code):
                stream.outbox.removeFirst()
                write(reset: code, stream: stream.id)
            }
        }
        return true
    }
}
