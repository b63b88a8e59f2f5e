import CWeir
public import WeirTelemetry

/// How a component or the process is.
public enum Health: UInt32, Sendable, CaseIterable {
    case starting = 1
    case ok = 2
    case recoverableError = 3
    case permanentError = 4
    case stopping = 5
}

/// The health of components and of the process.
@safe public struct HealthReport: @unchecked Sendable {  // Sendable: a constant table, any-thread
    private let host: Host
    private let api: UnsafePointer<weir_status_api>

    init?(_ host: Host) {
        let first = unsafe MemoryLayout<weir_status_api>.offset(of: \.attempt_failed)!
        guard
            let api = unsafe host.find(WEIR_EXT_STATUS, weir_status_api.self, atLeast: first)
        else { return nil }
        self.host = host
        unsafe self.api = api
    }

    /// Says how this component is. `why` is for people.
    public func report(_ health: Health, _ why: String) {
        unsafe withSlice(why) { unsafe api.pointee.report(host.table, health.rawValue, $0) }
    }

    /// How the whole process is; a state that this SDK does not know is a recoverable error.
    public var process: Health {
        Health(rawValue: unsafe api.pointee.process(host.table)) ?? .recoverableError
    }

    /// Seconds since the process was ready; 0 before.
    public var uptime: Double { unsafe api.pointee.uptime(host.table) }

    /// Counts items in an attempt to deliver that failed and that this sink makes again by itself.
    /// The host counts an attempt that ends its delivery. `reason` is a word or two that become a
    /// label: `retry`, `timeout`. From any thread; a host that is too old counts nothing.
    public func attemptFailed(_ items: Int, _ signal: Signal, reason: String) {
        let end =
            unsafe MemoryLayout<weir_status_api>.offset(of: \.attempt_failed)!
            + MemoryLayout<UInt>.size
        guard unsafe Int(api.pointee.size) >= end, items > 0 else { return }
        unsafe withSlice(reason) {
            unsafe api.pointee.attempt_failed(host.table, signal.rawValue, UInt64(items), $0)
        }
    }
}

extension Host {
    /// Health, if this host has it.
    public var status: HealthReport? { HealthReport(self) }
}
