import CWeir
import Synchronization
public import WeirSDK
public import WeirTelemetry

/// A host for tests: the real C table over virtual time, with everything that a component did
/// written down.
///
/// ```swift
/// let host = FakeHost()
/// let batch = try host.start(plugin, .processor, "batch", settings: #"{"timeout": "1s"}"#)
/// try batch.consume(host.batch(.logs, bytes))
/// host.advance(by: .seconds(1))
/// #expect(host.emitted.count == 1)
/// try batch.end()   // drain, stop, destroy; throws if the component leaked or broke a rule
/// ```
@safe public final class FakeHost: @unchecked Sendable {
    // Sendable: the table is constant, all else is behind locks.
    let table: UnsafeMutablePointer<weir_host>
    let clock = VirtualClock()
    let memory = FakeMemory()
    let record = Mutex(FakeRecord())
    let services = FakeServices()
    let acks = Mutex(FakeAcks())
    let room = Mutex(FakeRoom())

    /// Answers HTTP and gRPC requests of the component under test.
    public let client = FakeClient()
    /// Sends requests to the component under test.
    public let server = FakeServer()
    /// Answers what the component under test looks up.
    public let dns = FakeDNS()
    /// The connections of the component under test, real ones without TLS.
    public let streams = FakeConnections()
    /// Asks for the pages that the component under test has on the host's own endpoint.
    public let admin = FakeAdmin()

    /// - Parameter acknowledges: whether receivers are to wait for what becomes of their batches.
    public init(acknowledges: Bool = false) {
        if !acknowledges { services.kept.withLock { _ = $0.withheld.insert(WEIR_EXT_ACK) } }
        unsafe table = .allocate(capacity: 1)
        unsafe table.initialize(to: HostTable.make())
        unsafe table.pointee.context = Unmanaged.passUnretained(self).toOpaque()
        server.host = self
        client.host = self
        admin.host = self
    }

    deinit { unsafe table.deallocate() }

    static func of(_ table: UnsafePointer<weir_host>?) -> FakeHost {
        unsafe Unmanaged<FakeHost>.fromOpaque(table!.pointee.context).takeUnretainedValue()
    }

    /// Moves virtual time on; timers fire at their moments, on this thread.
    public func advance(by duration: Duration) { clock.advance(by: duration.clampedNanoseconds) }

    /// Nanoseconds on the virtual monotonic clock.
    public var monotonic: UInt64 { clock.now }
    /// Nanoseconds since 1970 on the virtual clock.
    public var now: UInt64 { clock.wall }

    /// Sets the wall clock forward, or back by a negative duration. The monotonic clock, and with it
    /// every timer, goes on as if nothing had happened.
    public func jumpWallClock(by duration: Duration) {
        let (seconds, attoseconds) = duration.components
        clock.jump(by: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    /// Timers that would still fire.
    public var timerCount: Int { clock.timerCount }

    public var logs: [LogLine] { record.withLock { $0.logs } }
    /// What the component emitted and this host took, in order.
    public var emitted: [EmittedBatch] { record.withLock { $0.emitted } }
    public var dropped: [DroppedItems] { record.withLock { $0.dropped } }
    /// Rules that the component broke. Empty, if it is well.
    public var violations: [String] { record.withLock { $0.violations } }
    /// Items in attempts to deliver that failed and that the sink makes again by itself.
    public var failedAttempts: [FailedItems] { record.withLock { $0.failedAttempts } }
    public var health: [(Health, String)] { record.withLock { $0.health } }

    /// What `isCancelled` says.
    public func cancel(_ cancelled: Bool = true) { record.withLock { $0.isCancelled = cancelled } }

    /// Bytes that buffers may have in all; beyond it, none is made.
    public func limitMemory(to bytes: Int) { memory.limit(to: bytes) }

    /// Bytes of the host's memory that are held by anyone.
    public var heldBytes: Int { memory.heldBytes }

    /// What `emit` answers from now on; `nil`: takes everything.
    public func answerEmit(
        _ answer: (@Sendable (EmittedBatch) -> ComponentError?)?
    ) { record.withLock { $0.answer = answer } }

    func violation(_ text: String) { record.withLock { $0.violations.append(text) } }

    /// A function was called that may not be called inside create() or after destroy().
    func checkAllowed(_ function: String) {
        record.withLock { record in
            if record.creating > 0 { record.violations.append("\(function)() inside create()") }
            if record.created > 0 && record.created == record.destroyed {
                record.violations.append("\(function)() after destroy()")
            }
        }
    }
}

public struct LogLine: Sendable {
    public var level: LogLevel
    public var message: String
}

/// One batch that came out, with a copy of its bytes.
public struct EmittedBatch: Sendable {
    public var signal: Signal
    public var items: Int
    public var parts: [[UInt8]]
    /// When, on the virtual monotonic clock.
    public var moment: UInt64
    public var bytes: [UInt8] { Array(parts.joined()) }
}

public struct DroppedItems: Sendable, Equatable {
    public var items: Int
    public var signal: Signal
    public var reason: String

    public init(items: Int, signal: Signal, reason: String) {
        self.items = items
        self.signal = signal
        self.reason = reason
    }
}

public struct FailedItems: Sendable, Equatable {
    public var items: Int
    public var signal: Signal
    public var reason: String

    public init(items: Int, signal: Signal, reason: String) {
        self.items = items
        self.signal = signal
        self.reason = reason
    }
}

/// What a fake host writes down.
struct FakeRecord: Sendable {
    var logs: [LogLine] = []
    var emitted: [EmittedBatch] = []
    var dropped: [DroppedItems] = []
    var violations: [String] = []
    var health: [(Health, String)] = []
    var failedAttempts: [FailedItems] = []
    var answer: (@Sendable (EmittedBatch) -> ComponentError?)?
    var isCancelled = false
    var creating = 0
    var created = 0
    var destroyed = 0
}
