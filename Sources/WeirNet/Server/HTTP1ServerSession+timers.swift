import NIOCore

/// One timer for a connection; it is checked when it fires, never moved per request.
struct HTTP1ServerTimer {
    var task: Scheduled<Void>?
    var periodBytes = 0
    /// The request whose body was coming in when the period began.
    var requestAtStart: UInt32?
    /// Since when no request is in flight.
    var quietSince = NIODeadline.uptimeNanoseconds(0)
}

extension HTTP1ServerSession {
    /// How long a connection may be without a whole request header; a header that comes in drops
    /// counts as silence.
    private var quietLimit: TimeAmount {
        min(server.options.idleTimeout, server.options.readHeaderTimeout)
    }

    func armTimer() {
        timer.periodBytes = 0
        timer.requestAtStart = current?.id
        var delay = server.options.bodyTimeout
        if requests.isEmpty {
            delay = max(.milliseconds(1), timer.quietSince + quietLimit - eventLoop.now)
        }
        timer.task = eventLoop.scheduleTask(in: delay) { [weak self] in self?.checkTimer() }
    }

    private func checkTimer() {
        guard let context, !isEnding else { return }
        if let request = current {
            if timer.requestAtStart == request.id,
                timer.periodBytes < server.options.minimumBodyProgress
            {
                counters.add(\.timeouts)
                if request.isDiscarding { return stopDiscarding(request) }
                return refuse(
                    request,
                    .slowBody(
                        request.wireBytes,
                        seconds: server.options.bodyTimeout.nanoseconds / 1_000_000_000),
                    endsConnection: true)
            }
        } else if requests.isEmpty, eventLoop.now >= timer.quietSince + quietLimit {
            context.close(promise: nil)
            return
        }
        armTimer()
    }

    func startDrain(within limit: TimeAmount, lingering: TimeAmount) {
        guard let context, !isDraining else { return }
        isDraining = true
        if limit <= .zero { return context.close(promise: nil) }
        if requests.isEmpty {
            let linger = min(limit, lingering)
            if linger <= .zero { return closeGently() }
            eventLoop.scheduleTask(in: linger) { [weak self] in
                guard let self, self.requests.isEmpty, !self.isEnding else { return }
                self.closeGently()
            }
        }
        let bound = NIOLoopBound(context, eventLoop: eventLoop)
        eventLoop.scheduleTask(in: limit) { bound.value.close(promise: nil) }
    }
}
