import NIOCore

extension HTTP1ServerSession {
    func answer(_ answer: ServerAnswer, to id: UInt32) {
        guard let request = requests.first(where: { $0.id == id }), request.answer == nil else {
            return
        }
        request.answer = answer
        writeReady()
        flush()
    }

    /// Answers before the body is in. The rest of the body is read and thrown away, so that the
    /// connection can go on, unless there may be too much of it.
    func refuse(_ request: HTTP1ServerRequest, _ refusal: Refusal, endsConnection: Bool = false) {
        guard request.answer == nil else { return }
        server.report(refusal, peer: peer)
        request.isDiscarding = true
        request.body = ByteBuffer()
        request.reservation = nil
        request.answer = ServerAnswer(refusal, to: request.head)
        if endsConnection || isDraining {
            endAfter = request.id
            request.isReceiving = false
            current = nil
        }
        writeReady()
        flush()
    }

    /// The rest of a refused body does not come: nothing after it can be found.
    func stopDiscarding(_ request: HTTP1ServerRequest) {
        endAfter = request.id
        request.isReceiving = false
        current = nil
        writeReady()
        flush()
    }

    /// Writes the answers whose turn it is.
    func writeReady() {
        while let request = requests.first, let answer = request.answer, !isEnding {
            // A client that waits for 100-continue must see a refusal before it sends the body.
            let isLast =
                endAfter == request.id || !request.keepsAlive
                || (isDraining && requests.count == 1 && !request.isReceiving)
            if !request.isWritten {
                request.isWritten = true
                write(Self.encode(answer, for: request, isLast: isLast))
            }
            if request.isReceiving { return }
            requests.removeFirst()
            if requests.isEmpty { timer.quietSince = eventLoop.now }
            if isLast { return closeGently() }
        }
        resumeReading()
    }

    func write(_ bytes: ByteBuffer) {
        guard let context else { return }
        context.write(wrapOutboundOut(bytes), promise: nil)
        needsFlush = true
    }

    /// At once outside a burst of reads; inside one, `channelReadComplete` does it.
    func flush() {
        guard needsFlush, !isReading, let context else { return }
        needsFlush = false
        context.flush()
    }

    /// Ends our side, then waits a moment for the client's: a reset would destroy the answer.
    func closeGently() {
        guard let context else { return }
        isEnding = true
        needsFlush = false
        let bound = NIOLoopBound(context, eventLoop: eventLoop)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
            bound.value.close(mode: .output, promise: nil)
            bound.value.eventLoop.scheduleTask(in: .seconds(1)) {
                bound.value.close(promise: nil)
            }
        }
        // A client that does not read its answers never lets the write complete.
        eventLoop.scheduleTask(in: server.options.idleTimeout) { [weak self] in
            self?.context?.close(promise: nil)
        }
    }

    private static let okEmpty = ByteBuffer(
        string:
            "HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n")

    static func encode(
        _ answer: ServerAnswer, for request: HTTP1ServerRequest, isLast: Bool
    ) -> ByteBuffer {
        guard case .http(let status, let headers, let body) = answer else { return ByteBuffer() }
        let length = body?.readableBytes ?? 0
        if status == 200, length == 0, !isLast, !request.isHTTP10, headers.count == 1,
            headers[0] == ("content-type", "application/x-protobuf")
        {
            return okEmpty
        }
        var out = ByteBufferAllocator().buffer(capacity: 128 + headers.count * 48 + length)
        out.writeString("HTTP/1.1 ")
        out.writeString(String(status))
        out.writeString(" ")
        out.writeString(HTTP1Text.reason(status))
        out.writeString("\r\n")
        for (name, value) in headers {
            out.writeString(name)
            out.writeString(": ")
            out.writeString(value.utf8.contains { $0 == 13 || $0 == 10 } ? "" : value)
            out.writeString("\r\n")
        }
        if isLast {
            out.writeString("connection: close\r\n")
        } else if request.isHTTP10 {
            out.writeString("connection: keep-alive\r\n")
        }
        if status != 204 {
            out.writeString("content-length: ")
            out.writeString(String(length))
            out.writeString("\r\n")
        }
        out.writeString("\r\n")
        if let body, !request.isHead { out.writeImmutableBuffer(body) }
        return out
    }
}
