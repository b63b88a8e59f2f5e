import NIOCore
import NIOHPACK

extension HTTP2Connection {
    func readHeaders(
        _ header: HTTP2FrameHeader, _ payload: inout ByteBuffer
    ) throws(HTTP2Violation) {
        guard header.stream != 0 else { throw .connection(.protocolError, "HEADERS on stream 0") }
        var padding = 0
        if header.flags & HTTP2Flag.padded != 0 {
            guard let size: UInt8 = payload.readInteger() else {
                throw .connection(.frameSizeError, "padding without its length")
            }
            padding = Int(size)
        }
        var dependsOnItself = false
        if header.flags & HTTP2Flag.priority != 0 {
            guard let (parent, _) = payload.readMultipleIntegers(as: (UInt32, UInt8).self) else {
                throw .connection(.frameSizeError, "HEADERS without its priority")
            }
            dependsOnItself = parent & 0x7FFF_FFFF == header.stream
        }
        guard padding <= payload.readableBytes else {
            throw .connection(.protocolError, "more padding than payload")
        }
        payload.moveWriterIndex(to: payload.writerIndex - padding)
        let ends = header.flags & HTTP2Flag.endStream != 0
        guard header.flags & HTTP2Flag.endHeaders != 0 else {
            headerBlock = payload
            headerStream = header.stream
            headerEnds = ends
            headerFrames = 0
            return
        }
        try finishHeaders(header.stream, payload, ends)
        if dependsOnItself { throw .stream(header.stream, .protocolError) }
    }

    func readContinuation(
        _ header: HTTP2FrameHeader, _ payload: ByteBuffer
    ) throws(HTTP2Violation) {
        guard headerBlock != nil else {
            throw .connection(.protocolError, "CONTINUATION without HEADERS")
        }
        headerFrames += 1
        headerBlock!.writeImmutableBuffer(payload)
        guard headerFrames <= Self.maxContinuations,
            headerBlock!.readableBytes <= max(16384, limits.maxHeaderListBytes)
        else { throw .connection(.enhanceYourCalm, "a header block too large") }
        if header.flags & HTTP2Flag.endHeaders != 0, let block = headerBlock {
            headerBlock = nil
            try finishHeaders(headerStream, block, headerEnds)
        }
    }

    private func decode(_ bytes: ByteBuffer) throws(HTTP2Violation) -> HTTP2HeaderBlock {
        for known in knownBlocks where known.bytes == bytes { return known.block }
        var rest = bytes
        let block: HTTP2HeaderBlock
        do {
            block = HTTP2HeaderBlock(try decoder.decodeHeaders(from: &rest))
        } catch is NIOHPACKErrors.MaxHeaderListSizeViolation {
            throw .connection(
                .enhanceYourCalm, "a header list of more than \(limits.maxHeaderListBytes) bytes")
        } catch {
            throw .connection(.compressionError, "\(error)")
        }
        if HTTP2HeaderBlock.isOnlyReferences(bytes) {
            // A copy, for a slice would hold the whole receive buffer.
            var copy = allocator.buffer(capacity: bytes.readableBytes)
            copy.writeImmutableBuffer(bytes)
            if knownBlocks.count >= 4 { knownBlocks.removeFirst() }
            knownBlocks.append(KnownBlock(bytes: copy, block: block))
        } else {
            knownBlocks.removeAll(keepingCapacity: true)
        }
        return block
    }

    private func finishHeaders(
        _ id: UInt32, _ bytes: ByteBuffer, _ ends: Bool
    ) throws(HTTP2Violation) {
        // Always decoded, whatever becomes of the stream: the tables have to stay in step.
        let block = try decode(bytes)
        if let stream = find(id) {
            if stream.hasReceivedEnd { throw .stream(id, .streamClosed) }
            let isTrailers = isServer || stream.hasReceivedFinalHeaders
            if isTrailers, !ends { throw .stream(id, .protocolError) }
            let violation = isTrailers ? block.trailersViolation : block.responseViolation
            if violation != nil { throw .stream(id, .protocolError) }
            return try deliver(stream, block, ends)
        }
        guard isServer, isIdle(id), isPeers(id) else {
            if isServer, isIdle(id) {
                throw .connection(.protocolError, "HEADERS on stream \(id), which is even")
            }
            return try ignoreOrFail(id, "HEADERS")
        }
        lastPeerStream = id
        if openPeerStreams >= limits.maxConcurrentStreams {
            resets.insert(id)
            throw .stream(id, .refusedStream)
        }
        if block.requestViolation != nil {
            resets.insert(id)
            throw .stream(id, .protocolError)
        }
        try deliver(add(id), block, ends)
    }

    private func deliver(
        _ stream: HTTP2StreamState, _ block: HTTP2HeaderBlock, _ ends: Bool
    ) throws(HTTP2Violation) {
        if !stream.hasReceivedHeaders {
            stream.expectedLength =
                isServer
                ? block.request.contentLength
                : block.headers.first(name: "content-length").flatMap { Int($0) }
        }
        stream.hasReceivedHeaders = true
        // Statuses below 200 precede the answer itself.
        if isServer || block.headers.first(name: ":status")?.utf8.first != UInt8(ascii: "1") {
            stream.hasReceivedFinalHeaders = true
        }
        if ends {
            if let expected = stream.expectedLength, expected != stream.receivedLength, isServer {
                throw .stream(stream.id, .protocolError)
            }
            stream.hasReceivedEnd = true
        }
        session.received(headers: block, stream: stream.id, endStream: ends)
        if ends { removeIfDone(stream) }
    }
}
