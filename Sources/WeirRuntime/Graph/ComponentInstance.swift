import CWeir
import CWeirSystem
import Glibc
import Logging
import NIOCore
import Synchronization
package import WeirConfig
import WeirTelemetry

/// One instance of a plugin's component: its tables, its place in the graph, what it has counted.
@safe package final class ComponentInstance: @unchecked Sendable {  // wired before start, then immutable
    package let key: String
    package let kind: ComponentKind
    package let id: String
    /// For a processor, the pipeline that it belongs to.
    package let pipeline: String?
    package let plugin: String
    package let counters = ComponentCounters()
    let services: HostServices
    let logger: Logger
    let table: UnsafePointer<weir_component>
    private(set) var outputs: [Outputs] = Array(repeating: Outputs([]), count: 3)
    private var signals: Set<Signal> = []
    private let errorCounts = Mutex<[String: Int]>([:])
    private var instance: OpaquePointer?
    private let hostBlock: UnsafeMutablePointer<weir_host>
    private let breadcrumb: UnsafePointer<CChar>
    private let stopping = Atomic<Bool>(false)
    private let health = Mutex<(state: UInt32, why: String)>((UInt32(WEIR_STATE_OK), ""))
    /// Held around calls into an instance that cannot run concurrently.
    private let serial: RecursiveLock?

    init(
        key: String, kind: ComponentKind, id: String, pipeline: String?, plugin: String,
        table: UnsafePointer<weir_component>, services: HostServices
    ) {
        self.key = key
        self.kind = kind
        self.id = id
        self.pipeline = pipeline
        self.plugin = plugin
        self.services = services
        unsafe self.table = table
        var logger = services.logger
        logger[metadataKey: "component"] = "\(key)"
        self.logger = logger
        // Never freed: a crash handler may read it at any time, and there are few.
        unsafe breadcrumb = UnsafePointer(strdup("\(kind) \(id) (plugin \(plugin))"))
        let concurrent = unsafe table.pointee.capabilities & UInt32(WEIR_CAN_RUN_CONCURRENTLY) != 0
        serial = concurrent ? nil : RecursiveLock()
        unsafe hostBlock = .allocate(capacity: 1)
        unsafe hostBlock.initialize(to: HostTable.functions)
        unsafe hostBlock.pointee.context = Unmanaged.passUnretained(self).toOpaque()
    }

    /// Tables are never freed while plugin code could still call them, which after a thread was left
    /// behind is for ever; so instances are made once per configuration, and kept.
    deinit { unsafe hostBlock.deallocate() }

    static func from(_ host: UnsafePointer<weir_host>?) -> ComponentInstance {
        unsafe Unmanaged.fromOpaque(host!.pointee.context).takeUnretainedValue()
    }

    package var mayBlock: Bool {
        unsafe table.pointee.capabilities & UInt32(WEIR_MAY_BLOCK) != 0
    }

    package var runsConcurrently: Bool { serial == nil }

    var isCancelled: Bool { stopping.load(ordering: .acquiring) }

    /// Whether some pipeline brings this signal to the component or takes it from there.
    func carries(_ signal: Signal) -> Bool { signals.contains(signal) }

    /// A collection that failed, by reason.
    func failed(_ reason: String) { errorCounts.withLock { $0[reason, default: 0] += 1 } }
    package var errors: [String: Int] { errorCounts.withLock { $0 } }

    func wire(feeding signal: Signal) { signals.insert(signal) }

    func wire(_ outputs: Outputs, for signal: Signal) {
        signals.insert(signal)
        self.outputs[Int(signal.rawValue) - 1] = outputs
    }

    /// Runs a function that a plugin gave us, with the breadcrumb set.
    func crumbed<Value>(_ body: () -> Value) -> Value {
        let before = unsafe weir_crash_enter(breadcrumb)
        defer { unsafe weir_crash_leave(before) }
        return body()
    }

    /// What the component last said of itself (weir/ext/status.h).
    package var reported: (state: UInt32, why: String) { health.withLock { $0 } }

    func report(_ state: UInt32, _ why: String) {
        let changed = health.withLock { health in
            defer { health = (state, why) }
            return health.state != state
        }
        guard changed else { return }
        if state == UInt32(WEIR_STATE_OK) {
            logger.info("recovered\(why.isEmpty ? "" : ": \(why)")")
        } else {
            logger.warning("reports: \(why)")
        }
    }

    /// Calls into the plugin, with the breadcrumb set, one at a time if the plugin needs that.
    func call<Value>(_ body: (OpaquePointer) -> Value) -> Value? {
        guard let instance = unsafe instance else { return nil }
        let before = unsafe weir_crash_enter(breadcrumb)
        defer { unsafe weir_crash_leave(before) }
        guard let serial else { return unsafe body(instance) }
        return serial.withLock { unsafe body(instance) }
    }
}

// MARK: - Life

extension ComponentInstance {
    /// A control call that did not end well.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        package let description: String
        /// Whether the same call may go through later.
        var mayRetry = false
    }

    func create(settings: [UInt8]) throws(Failure) {
        let made: OpaquePointer? = unsafe try control("create") { instance, error in
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
    }

    func start(deadlineNano: UInt64) throws(Failure) {
        _ = unsafe try control("start") { instance, error in
            unsafe self.table.pointee.start(instance, deadlineNano, &error)
        }
    }

    func drain(deadlineNano: UInt64) throws(Failure) {
        guard unsafe table.pointee.drain != nil else { return }
        _ = unsafe try control("drain") { instance, error in
            unsafe self.table.pointee.drain(instance, deadlineNano, &error)
        }
    }

    func stop(deadlineNano: UInt64) throws(Failure) {
        stopping.store(true, ordering: .releasing)
        _ = unsafe try control("stop") { instance, error in
            unsafe self.table.pointee.stop(instance, deadlineNano, &error)
        }
    }

    func destroy() {
        guard let gone = unsafe instance else { return }
        unsafe instance = nil
        unsafe table.pointee.destroy(gone)
    }

    /// Runs a control call on a thread that may be lost, within the limit.
    private func control(
        _ what: String,
        _ body: @escaping (inout OpaquePointer?, inout weir_error) -> weir_status
    ) throws(Failure) -> OpaquePointer? {
        let call = unsafe ControlCall(body: body, instance: instance, breadcrumb: breadcrumb)
        let limit = services.controlLimit
        guard
            let status = ControlThread.run(
                limit: limit, what: "\(key): \(what)", { call.run() })
        else {
            throw Failure(
                description: "\(key): \(what)() of plugin \(plugin) did not return within \(limit)")
        }
        guard status == Status.ok else {
            throw Failure(
                description: "\(key): \(call.error.text(orStatus: status))",
                mayRetry: status == Status.retry)
        }
        return unsafe call.instance
    }
}

/// The arguments and results of one control call, outliving the caller if the plugin hangs.
@safe private final class ControlCall: @unchecked Sendable {  // read by the caller only after run() ended
    private let body: (inout OpaquePointer?, inout weir_error) -> weir_status
    private let breadcrumb: UnsafePointer<CChar>
    private(set) var instance: OpaquePointer?
    private(set) var error = weir_error.make()

    init(
        body: @escaping (inout OpaquePointer?, inout weir_error) -> weir_status,
        instance: OpaquePointer?, breadcrumb: UnsafePointer<CChar>
    ) {
        unsafe self.body = unsafe body
        unsafe self.instance = instance
        unsafe self.breadcrumb = breadcrumb
    }

    func run() -> weir_status {
        let before = unsafe weir_crash_enter(breadcrumb)
        defer { unsafe weir_crash_leave(before) }
        return unsafe body(&instance, &error)
    }
}
