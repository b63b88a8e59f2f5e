import Synchronization
import WeirPrometheus
import WeirSDK
import WeirTelemetry

extension ScrapeLoop {
    /// A body up to this size, some 5000 series, is read on the thread that brought it, which
    /// serves sockets: that takes a millisecond, and ten or twenty when its series are new. A larger
    /// one is copied for the worker.
    static let mostReadInPlace = 256 << 10

    /// When a scrape began.
    struct Moment: Sendable {
        /// Of its samples: nanoseconds since 1970.
        var timestamp: UInt64
        /// On the monotonic clock.
        var began: UInt64
    }

    /// Asks the target. Called by whoever made the phase busy.
    func scrape() {
        let moment = Moment(
            timestamp: clock.timestamp(wall: context.host.now), began: context.host.monotonic)
        if let failure = context.veto() { return fail(failure, moment) }
        let client: Client
        switch context.client {
        case .success(let found): client = found
        case .failure(let failure): return fail(failure, moment)
        }
        let gate = BodyGate(job)
        var onChunk: (@Sendable (RawSpan) -> Void)?
        if let gate { onChunk = { gate.take($0) } }
        do throws(ComponentError) {
            let call = try client.send(
                "GET", target.path, headers: headers, .none,
                deadline: Deadline(monotonicNanoseconds: moment.began + target.timeout),
                maxBody: job.bodySizeLimit == 0 ? ScrapeJob.mostHeld : job.bodySizeLimit,
                acceptsCompressed: job.acceptsCompressed, onChunk: onChunk
            ) { reply in
                self.received(reply, gate, moment)
            }
            gate?.sent(call)
        } catch {
            fail(ScrapeFailure(error, timeout: target.timeout), moment)
        }
    }

    private func received(_ reply: borrowing Reply, _ gate: BodyGate?, _ moment: Moment) {
        if let found = gate?.excess {
            return fail(
                .tooManySamples(found, limit: job.assembly.sampleLimit, isEnd: false), moment)
        }
        if reply.isTooLarge {
            return fail(ScrapeFailure(bodyLimit: job.bodySizeLimit), moment)
        }
        if let error = reply.failure {
            return fail(ScrapeFailure(error, timeout: target.timeout), moment)
        }
        guard reply.code == 200 else { return fail(ScrapeFailure(status: reply.code), moment) }
        let contentType = reply.contentType
        if let gate, reply.body.isEmpty {
            return read(copy: gate.body, contentType, moment)
        }
        guard reply.body.byteCount > ScrapeLoop.mostReadInPlace else {
            return read(reply.body, contentType, moment)
        }
        read(copy: unsafe reply.body.withUnsafeBytes { unsafe Array($0) }, contentType, moment)
    }

    private func read(copy: [UInt8], _ contentType: String, _ moment: Moment) {
        guard copy.count > ScrapeLoop.mostReadInPlace else {
            return unsafe read(copy.span.bytes, contentType, moment)
        }
        context.worker.submit {
            // The end does not wait for what nobody will take.
            if self.endsNow() { return }
            unsafe self.read(copy.span.bytes, contentType, moment)
        }
    }

    /// Whether everything ends; then this scrape is over.
    private func endsNow() -> Bool {
        state.withLock { state in
            guard case .stopped = state.end else { return false }
            state.phase = .idle
            return true
        }
    }

    // MARK: Results

    private func read(_ body: RawSpan, _ contentType: String, _ moment: Moment) {
        var report = ScrapeReport()
        report.bodyBytes = body.byteCount
        let scrape: Scrape
        do throws(ExpositionError) {
            scrape = try assembler.read(
                body, contentType: contentType, at: moment.timestamp, inArray: false)
        } catch {
            return fail(error, moment, report)
        }
        leaveOut(scrape.duplicates, "duplicate", "series had a sample before in the same scrape")
        leaveOut(scrape.outOfBounds, "out_of_bounds", "timestamps are ahead of time or before 1970")
        report.health = .up
        report.samplesScraped = scrape.samplesScraped
        report.samplesAfterRelabel = scrape.samplesAfterRelabel
        report.seriesAdded = scrape.seriesAdded
        finish(scrape, report, moment)
    }

    /// Samples of a scrape that succeeded otherwise.
    private func leaveOut(_ count: Int, _ reason: String, _ why: String) {
        guard count > 0 else { return }
        context.host.drop(count, .metrics, reason: reason)
        let isNew = state.withLock { $0.complaints.insert(reason).inserted }
        if isNew {
            context.host.log(
                .warning,
                "\(count) samples of \(target.printableURL) (job \(job.name)) are left out, because "
                    + "their \(why); this is said once")
        }
    }

    private func fail(
        _ error: ExpositionError, _ moment: Moment, _ partial: ScrapeReport = ScrapeReport()
    ) {
        var report = partial
        report.samplesScraped = error.samplesScraped
        report.samplesAfterRelabel = error.samplesAfterRelabel
        fail(ScrapeFailure(error), moment, report)
    }

    private func fail(
        _ failure: ScrapeFailure, _ moment: Moment, _ partial: ScrapeReport = ScrapeReport()
    ) {
        // A host that stops cancels what is under way: that says nothing about the target.
        if endsNow() { return }
        var report = partial
        report.health = .down
        report.error = failure.message
        finish(assembler.markAllStale(at: moment.timestamp, inArray: false), report, moment)
    }

    private func finish(_ scrape: Scrape, _ report: ScrapeReport, _ moment: Moment) {
        var report = report
        report.moment = moment.timestamp
        report.duration = context.host.monotonic - moment.began
        let outgoing = outgoing(scrape, report.series(job, target), at: moment.timestamp)
        let before = state.withLock { state in
            defer {
                report.skipped = state.report.skipped
                report.dropped = state.report.dropped
                state.report = report
            }
            return state.report
        }
        log(before, report)
        send(outgoing)
    }

    /// Once when a target fails, once for each new reason, and once when it answers again.
    private func log(_ before: ScrapeReport, _ now: ScrapeReport) {
        if now.health == .down, before.error != now.error {
            context.host.log(.warning, "\(attempt) failed: \(now.error)")
        }
        if now.health == .up, before.health == .down {
            context.host.log(.info, "\(attempt) succeeds again")
        }
    }

    private var attempt: String { "scraping \(target.printableURL) (job \(job.name))" }

    /// What says that this target's series have ended.
    func staleMarkers() -> Outgoing {
        let report = self.report
        // One that was never scraped has nothing to end.
        guard report.moment != 0 else { return .nothing }
        let moment = clock.after(wall: context.host.now)
        let stale = assembler.markAllStale(at: moment, inArray: false)
        return outgoing(stale, report.staleSeries(job, target), at: moment)
    }

    private func outgoing(
        _ scrape: Scrape, _ series: [ReportSeries.Sample], at time: UInt64
    ) -> Outgoing {
        Outgoing(
            context.host, items: scrape.items + series.count, byteCount: scrape.byteCount,
            reportSeries.request(series, at: time)
        ) { assembler.writeRequest(to: &$0) }
    }
}
