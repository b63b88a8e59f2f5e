import CWeir
import WeirTelemetry

/// weir/ext/status.h.
enum StatusTable {
    nonisolated(unsafe) static let shared = unsafe HostExtensions.table(  // immutable
        weir_status_api(
            size: UInt32(MemoryLayout<weir_status_api>.size), reserved: 0,
            report: { host, state, why in
                unsafe ComponentInstance.from(host).report(state, why.string)
            },
            process: { host in
                switch unsafe ComponentInstance.from(host).services.state.phase {
                case .starting: UInt32(WEIR_STATE_STARTING)
                case .running: UInt32(WEIR_STATE_OK)
                case .draining, .stopped: UInt32(WEIR_STATE_STOPPING)
                }
            },
            uptime: { host in
                let services = unsafe ComponentInstance.from(host).services
                let now = services.time.monotonicNano
                return Double(services.state.uptimeNano(atNano: now)) / 1e9
            },
            attempt_failed: { host, signal, items, reason in
                guard let signal = Signal(rawValue: signal) else { return }
                unsafe ComponentInstance.from(host).counters.failed.add(
                    Int(clamping: items), signal, reason: reason.string)
            }))
}
