/// What every component of a plugin is: a class made from settings, with a life of three steps.
///
/// A class keeps its changing state in a `Mutex` (`import Synchronization`). The SDK calls `stop`
/// at most once, and only after `start` was called, whether that succeeded or not; whatever
/// `start` took (timers, listeners, threads) is given back before `stop` returns.
public protocol Component: AnyObject, Sendable {
    associatedtype Settings: Decodable & Sendable = NoSettings

    /// Makes an instance. Opens nothing and starts nothing: of the host, only the log, the clocks
    /// and the extensions may be used here.
    init(settings: Settings, host: Host) throws(ComponentError)
    /// Opens sockets, starts timers. When it throws, `stop` follows.
    func start(deadline: Deadline) throws(ComponentError)
    /// Emits what is held, because nothing more will come.
    func drain(deadline: Deadline) throws(ComponentError)
    /// Ends everything that `start` began.
    func stop(deadline: Deadline) throws(ComponentError)
}

extension Component {
    public func start(deadline: Deadline) throws(ComponentError) {}
    public func drain(deadline: Deadline) throws(ComponentError) {}
    public func stop(deadline: Deadline) throws(ComponentError) {}
}

/// For components that have no settings.
public struct NoSettings: Decodable, Sendable {
    public init() {}
}

/// Takes in telemetry from outside and emits it.
public protocol Receiver: Component {}

/// What processors and connectors have in common.
public protocol Consumer: Component {
    /// Takes a batch. Returning means that this component is now responsible for it: it is
    /// emitted, dropped with a reason, or held. Throwing means that nothing of it was taken.
    ///
    /// Called by one thread at a time unless registered with ``Capabilities/runsConcurrently``.
    func consume(_ batch: Batch) throws(ComponentError)
}

/// Changes, drops, samples or groups telemetry in flight.
public protocol Processor: Consumer {}

/// Ends pipelines and starts others.
public protocol Connector: Consumer {}

/// Delivers telemetry to outside.
public protocol Sink: Component {
    /// Delivers one batch, or returns ``Outcome/pending`` and settles the delivery later.
    ///
    /// The host queues and retries; one call is one attempt.
    func deliver(_ batch: Batch, _ delivery: Delivery) -> Outcome
}

/// Collects a system's metrics when the host asks for them.
public protocol Exporter: Component {
    /// Reads the system into `metrics`. The host calls it every `interval` and emits the result.
    func collect(into metrics: inout Metrics, deadline: Deadline) throws(ComponentError)
}

/// Serves the runtime itself.
public protocol Extension: Component {}
