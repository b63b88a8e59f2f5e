import WeirConfig
import CWeir
import CWeirSystem
import Glibc
import Logging
import NIOCore
import Synchronization
import WeirTelemetry

/// The functions of weir/host.h. Each finds its component through the table's context.
enum HostTable {
    /// A table without a context: copied for each instance.
    static var functions: weir_host {
        unsafe weir_host(
            size: UInt32(MemoryLayout<weir_host>.size), epoch: PluginABI.epoch,
            minor: PluginABI.minor, reserved: 0, context: nil,
            log: { host, level, message in
                unsafe ComponentInstance.from(host).log(level, message)
            },
            log_enabled: { host, level in
                unsafe ComponentInstance.from(host).logger.logLevel <= Logger.Level(abi: level)
            },
            unix_nano: { unsafe ComponentInstance.from($0).services.time.unixNano },
            monotonic_nano: { unsafe ComponentInstance.from($0).services.time.monotonicNano },
            is_cancelled: { unsafe ComponentInstance.from($0).isCancelled },
            emit: { host, batch, error in
                unsafe ComponentInstance.from(host).emit(HostBatch.from(batch!), error: error!)
            },
            drop: { host, signal, items, reason in
                guard let signal = Signal(rawValue: signal) else { return }
                unsafe ComponentInstance.from(host).drop(
                    Int(clamping: items), signal, reason: reason.string)
            },
            settle: { _, delivery, outcome in
                unsafe DeliveryTicket.settle(delivery!, outcome: outcome!.copied)
            },
            buffer_make: { host, length in
                let budget = unsafe ComponentInstance.from(host).budget
                // What is beyond Int.max in C is negative here.
                guard 0...(Int(UInt32.max) / 2) ~= length, budget.hasRoom(for: length) else {
                    return nil
                }
                let buffer = HostBuffer(length: length, budget: budget)
                return unsafe Unmanaged.passRetained(buffer).takeUnretainedValue().pointer
            },
            buffer_retain: { _, buffer in
                _ = unsafe Unmanaged.passRetained(HostBuffer.from(buffer!))
            },
            buffer_release: { _, buffer in
                unsafe Unmanaged.passUnretained(HostBuffer.from(buffer!)).release()
            },
            batch_make: { _, spec, error in
                guard let batch = unsafe HostBatch.make(spec!, error: error!) else { return nil }
                return unsafe Unmanaged.passRetained(batch).takeUnretainedValue().pointer
            },
            batch_retain: { _, batch in
                _ = unsafe Unmanaged.passRetained(HostBatch.from(batch!))
            },
            batch_release: { _, batch in
                unsafe Unmanaged.passUnretained(HostBatch.from(batch!)).release()
            },
            extension: { host, id in
                let id = unsafe String(cString: id!)
                switch id {
                case WEIR_EXT_ACK: return unsafe AckTable.find(host)
                case WEIR_EXT_STORAGE: return unsafe StorageTable.find(host)
                default: return unsafe HostExtensions.find(id)
                }
            })
    }
}

extension ComponentInstance {
    /// What a receiver drops it never took in: that is refused, and its sender was told.
    func drop(_ items: Int, _ signal: Signal, reason: String) {
        switch kind {
        case .receiver, .exporter: counters.refused.add(items, signal, reason: reason)
        default: counters.dropped.add(items, signal, reason: reason)
        }
    }

    /// Hands a batch to what follows; `nil`: nothing does.
    func attempt(
        _ batch: HostBatch, _ error: UnsafeMutablePointer<weir_error>
    ) -> weir_status? {
        guard isMade else {
            unsafe error.pointee.set(
                Status.invalid, "emit() inside create(): wait for start()")
            return Status.invalid
        }
        let isRepeat = weir_call_is_repeat() || batch.wasRefused.load(ordering: .relaxed)
        let before = (weir_call_repeat(isRepeat), weir_call_hand_on(batch.identity))
        defer {
            _ = weir_call_repeat(before.0)
            _ = weir_call_hand_on(before.1)
        }
        let splits = weir_call_splits()
        let status = unsafe passOn(batch, error)
        if status == Status.retry, weir_call_splits() != splits {
            weir_call_note_split(batch.identity)
        }
        return status
    }

    private func passOn(
        _ batch: HostBatch, _ error: UnsafeMutablePointer<weir_error>
    ) -> weir_status? {
        wiring.withCurrent { wiring in
            let outputs = wiring.outputs[Int(batch.signal.rawValue) - 1]
            return outputs.isEmpty ? nil : unsafe outputs.take(batch, error: error)
        }
    }

    /// Counts what became of an attempt. What is refused for now and comes again counts once.
    func book(
        _ batch: HostBatch, _ status: weir_status?, _ error: UnsafeMutablePointer<weir_error>
    ) -> weir_status {
        guard let status else {
            unsafe error.pointee.set(
                Status.unsupported,
                "\(key) is in no pipeline for \(batch.signal.name): add it to one in service.pipelines"
            )
            counters.refused.add(batch.items, batch.signal, reason: "no_pipeline")
            warnOnce(
                "\(batch.signal.name) arrive, and no pipeline takes them: add \(id) to one for "
                    + "\(batch.signal.name) in service.pipelines")
            return Status.unsupported
        }
        // What passes through a component on its way is refused to the one who brought it; and what
        // it has of others is not counted as long as it is tried because of one that is.
        let isNoted = weir_call_handed_on() != batch.identity && !weir_call_is_repeat()
        let isKnown =
            status == Status.retry && isNoted
            && batch.wasRefused.exchange(true, ordering: .acquiringAndReleasing)
        switch kind {
        case .receiver, .exporter:
            if status == Status.ok {
                counters.accepted.add(batch.items, batch.signal)
            } else if !isKnown {
                counters.refused.add(batch.items, batch.signal, reason: statusName(status))
            }
        default:
            if status == Status.ok {
                counters.emitted.add(batch.items, batch.signal)
            } else if Outputs.isFinal(status) {
                // Nobody tries again what will never be taken: the component drops it.
                let reason = unsafe error.pointee.text(orStatus: status)
                batch.fail(.init(Status.refused, "\(key) could not pass it on: \(reason)"))
            }
        }
        return status
    }

    func log(_ level: UInt32, _ message: weir_slice) {
        switch Int(level) {
        case WEIR_LOG_HOST_MISBEHAVING:
            logger.error("plugin \(plugin) says the host misbehaves: \(unsafe message.string)")
        case WEIR_LOG_PLUGIN_MISBEHAVING:
            logger.error("plugin \(plugin) misbehaves: \(unsafe message.string)")
        default:
            let level = Logger.Level(abi: level)
            guard logger.logLevel <= level else { return }
            logger.log(level: level, "\(unsafe message.string)")
        }
    }
}

extension Logger.Level {
    init(abi level: UInt32) {
        switch Int(level) {
        case WEIR_LOG_TRACE: self = .trace
        case WEIR_LOG_DEBUG: self = .debug
        case WEIR_LOG_INFO: self = .info
        case WEIR_LOG_WARNING: self = .warning
        default: self = .error
        }
    }
}

/// The functions of a host without a graph.
enum DetachedHost {
    static var functions: weir_host {
        var functions = unsafe HostTable.functions
        unsafe functions.log = { _, _, _ in }
        unsafe functions.log_enabled = { _, _ in false }
        unsafe functions.unix_nano = { _ in now(CLOCK_REALTIME) }
        unsafe functions.monotonic_nano = { _ in now(CLOCK_MONOTONIC) }
        unsafe functions.is_cancelled = { _ in false }
        unsafe functions.emit = { _, _, error in
            unsafe error!.pointee.set(Status.invalid, "emit() without a graph: wait for start()")
            return Status.invalid
        }
        unsafe functions.drop = { _, _, _, _ in }
        unsafe functions.settle = { _, _, _ in }
        unsafe functions.buffer_make = { _, _ in nil }
        return unsafe functions
    }
}

/// The table that a plugin's init() gets: it may look for extensions, and use none of them yet.
@safe final class PluginInitHost: @unchecked Sendable {  // immutable
    static let shared = PluginInitHost()
    let table: UnsafePointer<weir_host>

    private init() {
        let block = UnsafeMutablePointer<weir_host>.allocate(capacity: 1)
        unsafe block.initialize(to: DetachedHost.functions)
        unsafe table = UnsafePointer(block)
    }
}

/// The system's clock: before there are instances there are no services.
private func now(_ clock: clockid_t) -> UInt64 {
    var now = timespec()
    unsafe clock_gettime(clock, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}
