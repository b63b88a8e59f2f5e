import Synchronization
import WeirPrometheus
import WeirSDK
import WeirTelemetry

/// Sends metrics by remote write: what the engine decides, carried out.
final class RemoteWriteSink: Sink {
    private struct Effects {
        var waiting: [WriteEngine.Action] = []
        var isBusy = false
    }

    private let settings: RemoteWriteSinkSettings
    private let host: Host
    private let http: HTTPClient
    private let reading: ReplyReading
    private let engine: Mutex<WriteEngine>
    private let client = Mutex<Client?>(nil)
    private let timers = Mutex<[Int: Timer]>([:])
    private let effects = Mutex(Effects())
    private let complaints: SparseLog

    init(settings: RemoteWriteSinkSettings, host: Host) throws(ComponentError) {
        guard let http = host.httpClient else {
            throw .unsupported(
                "this host has no weir.http-client/1, which sends remote write: use a newer host")
        }
        guard !settings.endpoint.isEmpty else {
            throw .invalid(
                "there is no endpoint: set `endpoint` to the whole URL, as in "
                    + "http://prometheus:9090/api/v1/write")
        }
        let relabel = try RelabelRules(
            settings.relabelRules, host: host, path: "write_relabel_configs")
        self.settings = settings
        self.host = host
        self.http = http
        reading = ReplyReading(
            endpoint: HostSettings.printable(settings.endpoint),
            retryOn429: settings.queue.retryOn429)
        engine = Mutex(WriteEngine(settings, relabel: relabel))
        complaints = SparseLog(host)
    }

    func start(deadline: Deadline) throws(ComponentError) {
        let opened = try http.open(settings.client, .http)
        client.withLock { $0 = opened }
    }

    func deliver(_ batch: Batch, _ delivery: Delivery) -> Outcome {
        let (now, unixNano) = (host.monotonic, host.now)
        let (outcome, actions) = engine.withLock {
            $0.deliver(batch, delivery, now: now, unixNano: unixNano)
        }
        perform(actions)
        return outcome
    }

    func drain(deadline: Deadline) throws(ComponentError) {
        let now = host.monotonic
        perform(engine.withLock { $0.drain(now: now) })
    }

    func stop(deadline: Deadline) throws(ComponentError) {
        let actions = engine.withLock { $0.stop() }
        let armed = timers.withLock { timers in
            defer { timers = [:] }
            return timers
        }
        for timer in armed.values { timer.cancel() }
        client.withLock { $0.take() }?.close()
        perform(actions)
    }

    // MARK: Effects

    /// Carries actions out, one after the other, whichever thread they come from. What they lead to
    /// comes after them, not within them: a host that hands over the next batch while one is being
    /// settled does so in its own order.
    private func perform(_ actions: [WriteEngine.Action]) {
        guard !actions.isEmpty else { return }
        let isMine = effects.withLock { effects in
            effects.waiting += actions
            defer { effects.isBusy = true }
            return !effects.isBusy
        }
        guard isMine else { return }
        while true {
            let next = effects.withLock { effects in
                defer { effects.waiting = [] }
                effects.isBusy = !effects.waiting.isEmpty
                return effects.waiting
            }
            if next.isEmpty { return }
            for action in next { perform(action) }
        }
    }

    private func perform(_ action: WriteEngine.Action) {
        switch action {
        case .send(let shard, let body, let message): send(shard, body, message)
        case .settle(let delivery, let outcome): delivery.settle(outcome)
        case .wake(let shard, let alarm, let after): wake(shard, alarm, after)
        case .failing(let text):
            // The host writes the report to the log, too.
            let text = "\(text). What waits is tried again"
            if let status = host.status {
                status.report(.recoverableError, text)
            } else {
                host.log(.warning, text)
            }
        case .recovered:
            host.log(.info, "\(reading.endpoint) takes samples again")
            host.status?.report(.ok, "")
        case .warn(let text): complaints.warn(text)
        case .failed(let items, let reason):
            host.status?.attemptFailed(items, .metrics, reason: reason)
        }
    }

    private func send(_ shard: Int, _ body: [UInt8], _ message: RemoteWriteMessage) {
        guard let client = client.withLock({ $0 }) else { return }
        do throws(ComponentError) {
            try client.send("POST", "", headers: headers(message), .bytes(body)) { [self] reply in
                replied(shard, reading.verdict(reply, sent: message))
            }
        } catch {
            replied(shard, reading.notReached(error))
        }
    }

    private func replied(_ shard: Int, _ verdict: Verdict) {
        let now = host.monotonic
        perform(engine.withLock { $0.replied(shard, verdict, now: now) })
    }

    private func wake(_ shard: Int, _ alarm: UInt64, _ after: UInt64) {
        let timer = host.timers?.after(.nanoseconds(Int64(clamping: after))) { [weak self] in
            guard let self else { return }
            let now = host.monotonic
            perform(engine.withLock { $0.woke(shard, alarm: alarm, now: now) })
        }
        // Not released within the lock: that waits for its function to return.
        let old = timers.withLock { timers in
            defer { timers[shard] = timer }
            return timers[shard]
        }
        withExtendedLifetime(old) {}
    }
}

private let agent = Header("user-agent", "Weir/0.1.0")
private let headersV1 = headerList(.v1)
private let headersV2 = headerList(.v2)

private func headers(_ message: RemoteWriteMessage) -> [Header] {
    message == .v1 ? headersV1 : headersV2
}

private func headerList(_ message: RemoteWriteMessage) -> [Header] {
    [
        Header("content-type", message.contentType),
        Header("x-prometheus-remote-write-version", message.version), agent,
    ]
}
