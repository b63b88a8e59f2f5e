import NIOCore

/// The timers of one HTTP/2 connection. They are checked when they fire, never moved per request.
struct HTTP2ServerTimers {
    var sawRead = false
    var isAwaitingPing = false
    var idleSince: NIODeadline?
    var keepalive: Scheduled<Void>?
    var idle: Scheduled<Void>?
    var age: Scheduled<Void>?
    var body: Scheduled<Void>?
    var drain: Scheduled<Void>?
}

extension HTTP2ServerSession {
    func startTimers() {
        timers.idleSince = eventLoop.now
        armKeepalive(after: server.options.keepaliveTime)
        if let idle = server.options.maxConnectionIdle { armIdle(after: idle) }
        if let age = server.options.maxConnectionAge {
            timers.age = eventLoop.scheduleTask(in: age) { [weak self] in
                guard let self else { return }
                self.startDrain(within: self.server.options.maxConnectionAgeGrace)
            }
        }
    }

    func stopTimers() {
        timers.keepalive?.cancel()
        timers.idle?.cancel()
        timers.age?.cancel()
        timers.body?.cancel()
        timers.drain?.cancel()
    }

    private func armKeepalive(after delay: TimeAmount) {
        timers.sawRead = false
        timers.keepalive = eventLoop.scheduleTask(in: delay) { [weak self] in
            self?.checkKeepalive()
        }
    }

    private func checkKeepalive() {
        guard let transport else { return }
        if timers.sawRead {
            timers.isAwaitingPing = false
            return armKeepalive(after: server.options.keepaliveTime)
        }
        if timers.isAwaitingPing {
            counters.add(\.timeouts)
            transport.write(
                goAwayAfter: lastStream, code: .noError, text: "no answer to a keepalive ping")
            return transport.abort()
        }
        timers.isAwaitingPing = true
        transport.writePing()
        transport.flush()
        armKeepalive(after: server.options.keepaliveTimeout)
    }

    func receivedPingAnswer() {
        timers.sawRead = true
        if case .announced = drain { limitDrain() }
    }

    func becameIdle() {
        timers.idleSince = server.options.maxConnectionIdle == nil ? nil : eventLoop.now
        closeIfDrained()
    }

    private func armIdle(after delay: TimeAmount) {
        timers.idle = eventLoop.scheduleTask(in: delay) { [weak self] in self?.checkIdle() }
    }

    private func checkIdle() {
        guard let limit = server.options.maxConnectionIdle else { return }
        guard streams.isEmpty, let since = timers.idleSince else { return armIdle(after: limit) }
        let left = since + limit - eventLoop.now
        if left > .nanoseconds(0) { return armIdle(after: left) }
        startDrain(within: server.options.maxConnectionAgeGrace)
    }

    func armBodyTimer() {
        guard timers.body == nil else { return }
        timers.body = eventLoop.scheduleTask(in: server.options.bodyTimeout) { [weak self] in
            self?.checkBodies()
        }
    }

    private func checkBodies() {
        timers.body = nil
        let seconds = server.options.bodyTimeout.nanoseconds / 1_000_000_000
        for stream in Array(streams.values) where stream.isReceiving {
            // A call that streams messages may be silent for as long as it likes.
            if case .streaming = stream.phase { continue }
            if stream.hasSeenPeriodStart, stream.periodBytes < server.options.minimumBodyProgress {
                counters.add(\.timeouts)
                refuse(stream, .slowBody(stream.periodBytes, seconds: seconds))
            }
            stream.hasSeenPeriodStart = true
            stream.periodBytes = 0
        }
        if receiving > 0 { armBodyTimer() }
    }

    // MARK: Drain

    /// A client of HTTP/2 sees in time that it has to go elsewhere: nothing lingers.
    func startDrain(within limit: TimeAmount, lingering: TimeAmount = .zero) {
        guard let transport else { return }
        if case .none = drain {
            drain = .announced
            transport.write(goAwayAfter: 0x7FFF_FFFF, code: .noError, text: "draining")
            transport.writePing()
            transport.flush()
        }
        timers.drain?.cancel()
        timers.drain = eventLoop.scheduleTask(in: limit) { [weak self] in
            self?.transport?.abort()
        }
    }

    /// The peer has seen the announcement: what it opened before that is all there will be.
    private func limitDrain() {
        drain = .limited(lastStream)
        transport?.write(goAwayAfter: lastStream, code: .noError, text: "draining")
        transport?.flush()
        closeIfDrained()
    }

    private func closeIfDrained() {
        if case .limited = drain, streams.isEmpty { transport?.close() }
    }
}
