import Synchronization

/// What an instance pointer of the ABI points to: a component and where it is in its life.
class Instance: @unchecked Sendable {  // Sendable: constants and an atomic, in subclasses constants
    private enum Phase {
        static let created: UInt8 = 0
        static let starting: UInt8 = 1
        static let running: UInt8 = 2
        static let stopped: UInt8 = 3
    }

    let host: Host
    private let component: any Component
    private let phase = Atomic<UInt8>(Phase.created)

    init(_ component: any Component, _ host: Host) {
        self.component = component
        self.host = host
    }

    /// Whether work may come in. Work after `stop` is CANCELLED, also without start.
    final func checkRunning() throws(ComponentError) {
        switch phase.load(ordering: .acquiring) {
        case Phase.running: return
        case Phase.stopped: throw .cancelled("the component has been stopped")
        default: throw .invalid("the component was not started: call start() first")
        }
    }

    final func start(_ deadline: Deadline) throws(ComponentError) {
        let (first, found) = phase.compareExchange(
            expected: Phase.created, desired: Phase.starting, ordering: .acquiringAndReleasing)
        guard first else {
            throw .invalid(
                found == Phase.stopped
                    ? "start() after stop(): make a new instance"
                    : "start() twice: an instance is started once")
        }
        if host.hasPassed(deadline) {
            throw .timeout("the deadline had passed before start() began")
        }
        try component.start(deadline: deadline)
        phase.store(Phase.running, ordering: .releasing)
    }

    final func drain(_ deadline: Deadline) throws(ComponentError) {
        guard phase.load(ordering: .acquiring) == Phase.running else { return }
        try component.drain(deadline: deadline)
    }

    final func stop(_ deadline: Deadline) throws(ComponentError) {
        let before = phase.exchange(Phase.stopped, ordering: .acquiringAndReleasing)
        guard before == Phase.starting || before == Phase.running else { return }
        try component.stop(deadline: deadline)
    }

    func consume(_ batch: Batch) throws(ComponentError) {
        throw .unsupported("this component takes no batches")
    }

    func deliver(_ batch: Batch, _ delivery: Delivery) throws(ComponentError) -> Outcome {
        throw .unsupported("this component delivers nothing")
    }

    func collect(_ metrics: inout Metrics, _ deadline: Deadline) throws(ComponentError) {
        throw .unsupported("this component collects nothing")
    }
}

final class ConsumerInstance<C: Consumer>: Instance, @unchecked Sendable {  // as its superclass
    private let consumer: C

    init(_ consumer: C, _ host: Host) {
        self.consumer = consumer
        super.init(consumer, host)
    }

    override func consume(_ batch: Batch) throws(ComponentError) {
        try checkRunning()
        try consumer.consume(batch)
    }
}

final class SinkInstance<C: Sink>: Instance, @unchecked Sendable {  // as its superclass
    private let sink: C

    init(_ sink: C, _ host: Host) {
        self.sink = sink
        super.init(sink, host)
    }

    override func deliver(_ batch: Batch, _ delivery: Delivery) throws(ComponentError) -> Outcome {
        try checkRunning()
        return sink.deliver(batch, delivery)
    }
}

final class ExporterInstance<C: Exporter>: Instance, @unchecked Sendable {  // as its superclass
    private let exporter: C

    init(_ exporter: C, _ host: Host) {
        self.exporter = exporter
        super.init(exporter, host)
    }

    override func collect(_ metrics: inout Metrics, _ deadline: Deadline) throws(ComponentError) {
        try checkRunning()
        try exporter.collect(into: &metrics, deadline: deadline)
    }
}
