import WeirSDK
import WeirTelemetry

/// Joins small batches into larger ones, by size and time. Each signal has a lane of its own.
final class BatchProcessor: Processor {
    private let traces: Lane
    private let metrics: Lane
    private let logs: Lane
    private var lanes: [Lane] { [traces, metrics, logs] }

    init(settings: BatchSettings, host: Host) throws(ComponentError) {
        try settings.validate()
        guard let timers = host.timers else {
            throw .unsupported("batch needs a host with timers (weir.timer/1)")
        }
        guard host.hasWaitingRoom else {
            throw .unsupported("batch needs a host where batches wait for room (weir.room/1)")
        }
        traces = Lane(.traces, settings, host, timers)
        metrics = Lane(.metrics, settings, host, timers)
        logs = Lane(.logs, settings, host, timers)
    }

    func consume(_ batch: Batch) throws(ComponentError) {
        switch batch.signal {
        case .traces: try traces.add(batch)
        case .metrics: try metrics.add(batch)
        case .logs: try logs.add(batch)
        }
    }

    func drain(deadline: Deadline) throws(ComponentError) {
        let held = lanes.reduce(0) { $0 + $1.flush() }
        if held > 0 { throw .retry("\(held) items are held: what follows takes no more") }
    }

    func stop(deadline: Deadline) {
        for lane in lanes { lane.stop() }
    }
}
