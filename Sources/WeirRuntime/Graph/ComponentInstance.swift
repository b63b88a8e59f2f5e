import CWeir
import CWeirSystem
import Glibc
import Logging
import NIOCore
import Synchronization
package import WeirConfig
import WeirTelemetry

/// One instance of a plugin's component: its tables, its place in the graph, what it has counted.
@safe package final class ComponentInstance: @unchecked Sendable {
    // @unchecked: immutable, but for what is under a lock or atomic; made by create(), before the rest
    package let key: String
    package let kind: ComponentKind
    package let id: String
    /// For a processor, the pipeline that it belongs to.
    package let pipeline: String?
    package let plugin: String
    package let counters: ComponentCounters
    let services: HostServices
    /// Where the buffers that it makes count.
    let budget: MemoryBudget
    let logger: Logger
    let table: UnsafePointer<weir_component>
    /// What follows it.
    let wiring = WiringPlace()
    private let warned = Mutex<Set<String>>([])
    private var instance: OpaquePointer?
    private let hostBlock: UnsafeMutablePointer<weir_host>
    private let breadcrumb: UnsafePointer<CChar>
    /// What it asked of weir/ext/dns.h.
    let lookups = NameLookups()
    /// What it brought in and there was no room for.
    let room = WaitingRoom()
    /// What it opened by weir/ext/stream.h.
    let streams = ComponentStreams()
    /// What it waits for by weir/ext/ack.h; `nil`: it answers without waiting.
    let watches: Watches?
    private let stopping = Atomic<Bool>(false)
    private let leaving = Atomic<Bool>(false)
    /// Calls into the plugin that have not returned, control calls aside; none begins once it is gone.
    private let inside = Atomic<Int>(0)
    private let isGone = Atomic<Bool>(false)
    /// A control call did not return: what it uses must stay, and no other may come beside it.
    private let isLost = Atomic<Bool>(false)
    let state: Mutex<ComponentHealth>
    /// Held around calls into an instance that cannot run concurrently.
    private let serial: RecursiveLock?

    init(
        key: String, kind: ComponentKind, id: String, pipeline: String?, plugin: String,
        table: UnsafePointer<weir_component>, services: HostServices,
        counters: ComponentCounters = ComponentCounters(),
        acknowledges mode: AcknowledgementMode = .enqueued, logger: Logger? = nil
    ) {
        self.key = key
        self.kind = kind
        self.id = id
        self.pipeline = pipeline
        self.plugin = plugin
        self.services = services
        budget = pipeline.map { services.shares.share(of: $0).budget } ?? services.budget
        self.counters = counters
        state = Mutex(
            ComponentHealth(nano: services.time.monotonicNano, unixNano: services.time.unixNano))
        watches = mode == .enqueued ? nil : Watches(mode)
        unsafe self.table = table
        var logger = logger ?? services.logger
        logger[metadataKey: "component"] = "\(key)"
        self.logger = logger
        unsafe breadcrumb = Self.breadcrumb("\(kind) \(id) (plugin \(plugin))")
        let concurrent = unsafe table.pointee.capabilities & UInt32(WEIR_CAN_RUN_CONCURRENTLY) != 0
        serial = concurrent ? nil : RecursiveLock()
        unsafe hostBlock = .allocate(capacity: 1)
        unsafe hostBlock.initialize(to: HostTable.functions)
        unsafe hostBlock.pointee.context = Unmanaged.passUnretained(self).toOpaque()
    }

    /// Tables are never freed while plugin code could still call them, which after a thread was left
    /// behind is for ever; so instances are kept after their end.
    deinit { unsafe hostBlock.deallocate() }

    /// Never freed: a crash handler may read it at any time. There are few different ones.
    private static func breadcrumb(_ text: String) -> UnsafePointer<CChar> {
        let address = breadcrumbs.withLock { known in
            if let address = known[text] { return address }
            let address = unsafe UInt(bitPattern: strdup(text))
            known[text] = address
            return address
        }
        return unsafe UnsafePointer(bitPattern: address)!
    }

    private static let breadcrumbs = Mutex<[String: UInt]>([:])

    static func from(_ host: UnsafePointer<weir_host>?) -> ComponentInstance {
        unsafe Unmanaged.fromOpaque(host!.pointee.context).takeUnretainedValue()
    }

    package var mayBlock: Bool {
        unsafe table.pointee.capabilities & UInt32(WEIR_MAY_BLOCK) != 0
    }

    package var runsConcurrently: Bool { serial == nil }

    /// Whether a reload is about to end it: another instance may take over its addresses and paths.
    var isLeaving: Bool {
        get { leaving.load(ordering: .acquiring) }
        set { leaving.store(newValue, ordering: .releasing) }
    }

    var isStopping: Bool { stopping.load(ordering: .acquiring) }

    /// Whether the call that this thread is making into the plugin should end.
    var isCancelled: Bool {
        if isStopping { return true }
        let deadline = weir_call_deadline_now()
        return deadline > 0 && services.time.monotonicNano >= deadline
    }

    /// Makes a call that has to end by `deadlineNano`; 0: whenever.
    static func until<Value>(_ deadlineNano: UInt64, _ body: () -> Value) -> Value {
        let before = weir_call_until(deadlineNano)
        defer { _ = weir_call_until(before) }
        return body()
    }

    /// Asks calls that are in progress to end, and ends the wait of all who wait for room.
    func cancel() {
        stopping.store(true, ordering: .releasing)
        closeRoom()
        streams.cancel()
    }

    /// Whether create() has returned.
    var isMade: Bool { unsafe instance != nil }

    /// Whether some pipeline brings this signal to the component or takes it from there.
    func carries(_ signal: Signal) -> Bool { wiring.withCurrent { $0.signals.contains(signal) } }

    /// For how long what follows wants senders to wait for room, in nanoseconds.
    func patience(_ signal: Signal) -> UInt64 {
        wiring.withCurrent { $0.outputs[Int(signal.rawValue) - 1].patience }
    }

    /// The share of a pipeline that has no room for so many bytes, where none of those that this
    /// component feeds has.
    func usedUpShare(for bytes: Int) -> PipelineShare? {
        guard services.shares.haveLimits else { return nil }
        return wiring.withCurrent { wiring in
            let hasRoom = wiring.entrances.contains {
                !$0.isRequired || $0.share.hasRoom(for: bytes)
            }
            return hasRoom ? nil : wiring.entrances.first?.share
        }
    }

    /// A collection that failed, by reason.
    func failed(_ reason: String) { counters.errors.add(reason) }

    /// A request that was refused before the component saw it, by reason.
    func refuseRequest(reason: String) { counters.refusedRequests.add(reason) }

    /// Runs a function that a plugin gave us, with the breadcrumb set.
    func crumbed<Value>(_ body: () -> Value) -> Value {
        let before = unsafe weir_crash_enter(breadcrumb)
        defer { unsafe weir_crash_leave(before) }
        return body()
    }

    /// Says something that a peer can bring about as often as it likes, once.
    func warnOnce(_ text: String) {
        guard warned.withLock({ $0.insert(text).inserted }) else { return }
        logger.warning("\(text)")
    }

    /// Calls into the plugin, with the breadcrumb set, one at a time if the plugin needs that.
    func call<Value>(_ body: (OpaquePointer) -> Value) -> Value? {
        // Sequentially consistent, as in destroy(): one of the two sees what the other did.
        inside.add(1, ordering: .sequentiallyConsistent)
        defer { inside.subtract(1, ordering: .releasing) }
        guard !isGone.load(ordering: .sequentiallyConsistent), let instance = unsafe instance
        else { return nil }
        let before = unsafe weir_crash_enter(breadcrumb)
        defer { unsafe weir_crash_leave(before) }
        guard let serial else { return unsafe body(instance) }
        return serial.withLock { unsafe body(instance) }
    }

    /// Calls a function that the plugin gave us for any thread, unless the plugin is gone.
    func callBack(_ body: () -> Void) {
        inside.add(1, ordering: .sequentiallyConsistent)
        defer { inside.subtract(1, ordering: .releasing) }
        guard !isGone.load(ordering: .sequentiallyConsistent) else { return }
        body()
    }
}

// MARK: - Life

extension ComponentInstance {
    /// A control call that did not end well.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        package let description: String
        /// Whether the same call may go through later.
        var mayRetry = false
        /// What the component itself said, where it did.
        var reason: String?
    }

    func create(settings: [UInt8]) throws(Failure) {
        let made: OpaquePointer? = unsafe try control("create", 0) { instance, error in
            unsafe settings.withUnsafeBufferPointer { bytes in
                unsafe self.table.pointee.create(
                    self.table, self.hostBlock,
                    weir_slice(data: bytes.baseAddress, length: bytes.count), &instance, &error)
            }
        }
        guard let made = unsafe made else {
            throw Failure(description: "\(key): create() said ok and returned no instance")
        }
        unsafe instance = made
        lookups.begin()
        streams.begin()
        watches?.begin()
        room.open()
        isGone.store(false, ordering: .releasing)
    }

    func start(deadlineNano: UInt64) throws(Failure) {
        _ = unsafe try control("start", deadlineNano) { instance, error in
            unsafe self.table.pointee.start(instance, deadlineNano, &error)
        }
        hasStarted()
    }

    func drain(deadlineNano: UInt64) throws(Failure) {
        guard unsafe table.pointee.drain != nil else { return }
        _ = unsafe try control("drain", deadlineNano) { instance, error in
            unsafe self.table.pointee.drain(instance, deadlineNano, &error)
        }
    }

    func stop(deadlineNano: UInt64) throws(Failure) {
        cancel()
        enter(.stopping, "")
        let ending = endStreams(atNano: deadlineNano)
        defer {
            ending?.cancel()
            streams.cancelAll()
        }
        _ = unsafe try control("stop", deadlineNano) { instance, error in
            unsafe self.table.pointee.stop(instance, deadlineNano, &error)
        }
    }

    /// Ends what stop() says to others when its time is over, so that it returns.
    private func endStreams(atNano deadline: UInt64) -> (any ScheduledCall)? {
        guard deadline > 0 else { return nil }
        let now = services.time.monotonicNano
        return services.time.schedule(afterNano: deadline > now ? deadline - now : 0) { [streams] in
            streams.cancelAll()
        }
    }

    /// Gives the instance back to the plugin, unless the plugin is still at work in it: memory that
    /// is not freed at the end is better than a crash there.
    func destroy() throws(Failure) {
        guard unsafe instance != nil,
            !isGone.exchange(true, ordering: .sequentiallyConsistent)
        else { return }
        closeRoom()
        lookups.end()
        watches?.end()
        let routes = services.admin.endAll(of: self)
        if !routes.isEmpty {
            logger.error(
                "plugin \(plugin) misbehaves: it left \(routes.joined(separator: ", ")) on the admin endpoint"
            )
        }
        guard isIdleSoon else {
            throw Failure(
                description: "\(key): destroy() was left out, because plugin \(plugin) has not "
                    + "returned from another call")
        }
        _ = unsafe try control("destroy", 0) { instance, _ in
            if let gone = unsafe instance { unsafe self.table.pointee.destroy(gone) }
            return Status.ok
        }
        unsafe instance = nil
        let left = streams.end()
        if left > 0 { logger.error("plugin \(plugin) misbehaves: it left \(left) streams open") }
    }

    /// Waits a second at most for calls that are in progress.
    private var isIdleSoon: Bool {
        for _ in 0..<500 {
            if inside.load(ordering: .sequentiallyConsistent) == 0 { return true }
            QueueDrain.pause()
        }
        return false
    }

    /// How long a control call may take: the host's limit, or until shortly after the deadline that
    /// the plugin was given, where that is later.
    private func limit(_ deadlineNano: UInt64) -> Duration {
        let now = services.time.monotonicNano
        let left = Duration.nanoseconds(
            Int64(clamping: deadlineNano > now ? deadlineNano - now : 0))
        return left > services.controlLimit ? left + .seconds(1) : services.controlLimit
    }

    /// Runs a control call on a thread that may be lost, within the limit.
    private func control(
        _ what: String, _ deadlineNano: UInt64,
        _ body: @escaping (inout OpaquePointer?, inout weir_error) -> weir_status
    ) throws(Failure) -> OpaquePointer? {
        guard !isLost.load(ordering: .acquiring) else {
            throw Failure(
                description: "\(key): \(what)() was left out, because plugin \(plugin) has not "
                    + "returned from an earlier call")
        }
        let call = unsafe ControlCall(
            body: body, deadlineNano: deadlineNano, instance: instance, breadcrumb: breadcrumb)
        let limit = limit(deadlineNano)
        guard let status = ControlThread.run(limit: limit, { call.run() }) else {
            isLost.store(true, ordering: .releasing)
            throw Failure(
                description: "\(key): \(what)() of plugin \(plugin) did not return within \(limit)")
        }
        guard status == Status.ok else {
            let reason = call.error.text(orStatus: status)
            throw Failure(
                description: "\(key): \(reason)", mayRetry: status == Status.retry, reason: reason)
        }
        return unsafe call.instance
    }
}

/// The arguments and results of one control call, outliving the caller if the plugin hangs.
@safe private final class ControlCall: @unchecked Sendable {
    // @unchecked: read by the caller only after run() ended
    private let body: (inout OpaquePointer?, inout weir_error) -> weir_status
    private let deadlineNano: UInt64
    private let breadcrumb: UnsafePointer<CChar>
    private(set) var instance: OpaquePointer?
    private(set) var error = weir_error.make()

    init(
        body: @escaping (inout OpaquePointer?, inout weir_error) -> weir_status,
        deadlineNano: UInt64, instance: OpaquePointer?, breadcrumb: UnsafePointer<CChar>
    ) {
        self.deadlineNano = deadlineNano
        unsafe self.body = unsafe body
        unsafe self.instance = instance
        unsafe self.breadcrumb = breadcrumb
    }

    func run() -> weir_status {
        let before = unsafe weir_crash_enter(breadcrumb)
        defer { unsafe weir_crash_leave(before) }
        return ComponentInstance.until(deadlineNano) { unsafe body(&instance, &error) }
    }
}
