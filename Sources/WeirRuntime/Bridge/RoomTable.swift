import CWeir
import WeirTelemetry

/// weir/ext/room.h.
enum RoomTable {
    nonisolated(unsafe) static let shared = unsafe HostExtensions.table(  // immutable
        weir_room(
            size: UInt32(MemoryLayout<weir_room>.size), reserved: 0,
            patience: { host, signal in
                guard Signal(rawValue: signal) != nil else { return 0 }
                return unsafe ComponentInstance.from(host).patience(atIndex: Int(signal) - 1)
            }))
}
