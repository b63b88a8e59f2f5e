import CWeir
import Synchronization
import WeirSDK
import WeirTelemetry

/// The extensions of a fake host, and what small ones keep.
final class FakeServices: Sendable {
    struct Kept: Sendable {
        var withheld: Set<String> = []
        var storage: [String: [UInt8]] = [:]
        var secrets: [String: [UInt8]] = [:]
        /// Regular expressions that were not released.
        var expressions = 0
    }

    let kept = Mutex(Kept())

    func find(_ id: String) -> UnsafeRawPointer? {
        if kept.withLock({ $0.withheld.contains(id) }) { return nil }
        return switch id {
        case WEIR_EXT_TIMER: unsafe UnsafeRawPointer(Tables.shared.timer)
        case WEIR_EXT_STATUS: unsafe UnsafeRawPointer(Tables.shared.status)
        case WEIR_EXT_STORAGE: unsafe UnsafeRawPointer(Tables.shared.storage)
        case WEIR_EXT_SECRETS: unsafe UnsafeRawPointer(Tables.shared.secrets)
        case WEIR_EXT_HTTP_SERVER: unsafe UnsafeRawPointer(Tables.shared.server)
        case WEIR_EXT_HTTP_CLIENT: unsafe UnsafeRawPointer(Tables.shared.client)
        case WEIR_EXT_ADMIN: unsafe UnsafeRawPointer(Tables.shared.admin)
        case WEIR_EXT_ROOM: unsafe UnsafeRawPointer(Tables.shared.room)
        case WEIR_EXT_ACK: unsafe UnsafeRawPointer(Tables.shared.ack)
        case WEIR_EXT_HASH: unsafe UnsafeRawPointer(Tables.shared.hash)
        case WEIR_EXT_REGEX: unsafe UnsafeRawPointer(Tables.shared.regex)
        case WEIR_EXT_DOCUMENT: unsafe UnsafeRawPointer(Tables.shared.document)
        case WEIR_EXT_DNS: unsafe UnsafeRawPointer(Tables.shared.dns)
        case WEIR_EXT_STREAM: unsafe UnsafeRawPointer(Tables.shared.stream)
        default: nil
        }
    }
}

extension FakeHost {
    /// Takes an extension away: `weir.timer/1`.
    public func withhold(_ id: String) {
        services.kept.withLock { _ = $0.withheld.insert(id) }
    }

    /// What is stored, by key.
    public var stored: [String: [UInt8]] {
        get { services.kept.withLock { $0.storage } }
        set { services.kept.withLock { $0.storage = newValue } }
    }

    /// What secrets resolve to, by reference.
    public var secrets: [String: [UInt8]] {
        get { services.kept.withLock { $0.secrets } }
        set { services.kept.withLock { $0.secrets = newValue } }
    }
}

/// One table for each extension, for all fake hosts: the host is an argument of every function.
@safe private struct Tables: @unchecked Sendable {  // Sendable: written once, here
    static let shared = Tables()
    let timer = unsafe lasting(timerTable())
    let status = unsafe lasting(statusTable())
    let storage = unsafe lasting(storageTable())
    let secrets = unsafe lasting(secretsTable())
    let server = unsafe lasting(serverTable())
    let client = unsafe lasting(clientTable())
    let hash = unsafe lasting(hashTable())
    let regex = unsafe lasting(regexTable())
    let document = unsafe lasting(documentTable())
    let dns = unsafe lasting(dnsTable())
    let stream = unsafe lasting(streamTable())
    let admin = unsafe lasting(adminTable())
    let ack = unsafe lasting(ackTable())
    let room = unsafe lasting(roomTable())
}

private func lasting<T>(_ table: T) -> UnsafePointer<T> {
    let pointer = UnsafeMutablePointer<T>.allocate(capacity: 1)
    unsafe pointer.initialize(to: table)
    return unsafe UnsafePointer(pointer)
}

private func hashTable() -> weir_hash {
    unsafe weir_hash(
        size: UInt32(MemoryLayout<weir_hash>.size), reserved: 0,
        sha256: { _, input, digest in
            let bytes = unsafe SHA256.digest(of: Array(input.bytes))
            for (index, byte) in bytes.enumerated() { unsafe digest![index] = byte }
        },
        md5: { _, input, digest in
            let bytes = unsafe MD5.digest(of: Array(input.bytes))
            for (index, byte) in bytes.enumerated() { unsafe digest![index] = byte }
        })
}

private func timerTable() -> weir_timer_api {
    unsafe weir_timer_api(
        size: UInt32(MemoryLayout<weir_timer_api>.size), reserved: 0,
        start: { host, delay, period, fire, context in
            let host = unsafe FakeHost.of(host)
            host.checkAllowed("timer.start")
            // An address crosses into a Sendable closure, not a pointer.
            let address = UInt(bitPattern: context)
            let fire = unsafe fire!
            let id = host.clock.start(delay: delay, period: period) {
                unsafe fire(UnsafeMutableRawPointer(bitPattern: address))
            }
            return unsafe OpaquePointer(bitPattern: UInt(id))
        },
        cancel: { unsafe FakeHost.of($0).clock.cancel(UInt64(UInt(bitPattern: $1))) })
}

private func statusTable() -> weir_status_api {
    unsafe weir_status_api(
        size: UInt32(MemoryLayout<weir_status_api>.size), reserved: 0,
        report: { host, state, why in
            let entry = unsafe (Health(rawValue: state) ?? .recoverableError, why.string)
            unsafe FakeHost.of(host).record.withLock { $0.health.append(entry) }
        },
        process: { _ in Health.ok.rawValue },
        uptime: { unsafe Double(FakeHost.of($0).monotonic) / 1e9 },
        attempt_failed: { host, signal, items, reason in
            let host = unsafe FakeHost.of(host)
            host.checkAllowed("attempt_failed")
            let reason = unsafe reason.string
            guard let signal = Signal(rawValue: signal) else {
                return host.violation("attempt_failed() of signal \(signal)")
            }
            if reason.isEmpty { host.violation("attempt_failed() without a reason") }
            host.record.withLock {
                $0.failedAttempts.append(
                    FailedItems(items: Int(items), signal: signal, reason: reason))
            }
        })
}

private func storageTable() -> weir_storage {
    unsafe weir_storage(
        size: UInt32(MemoryLayout<weir_storage>.size), reserved: 0,
        get: { host, key, found, context, _ in
            let key = unsafe key.string
            let services = unsafe FakeHost.of(host).services
            if let value = services.kept.withLock({ $0.storage[key] }) {
                unsafe value.withUnsafeBytes { unsafe found!(context, weir_slice($0)) }
            }
            return Status.ok
        },
        set: { host, key, value, _ in
            let (key, value) = unsafe (key.string, Array(value.bytes))
            unsafe FakeHost.of(host).services.kept.withLock { $0.storage[key] = value }
            return Status.ok
        },
        remove: { host, key, _ in
            let key = unsafe key.string
            unsafe FakeHost.of(host).services.kept.withLock { $0.storage[key] = nil }
            return Status.ok
        })
}

private func secretsTable() -> weir_secrets {
    unsafe weir_secrets(
        size: UInt32(MemoryLayout<weir_secrets>.size), reserved: 0,
        resolve: { host, reference, _, lend, context, error in
            let reference = unsafe reference.string
            let services = unsafe FakeHost.of(host).services
            guard let value = services.kept.withLock({ $0.secrets[reference] }) else {
                return unsafe ComponentError.refused("no secret \(reference)").write(to: error!)
            }
            unsafe value.withUnsafeBytes { unsafe lend!(context, weir_slice($0)) }
            return Status.ok
        })
}
