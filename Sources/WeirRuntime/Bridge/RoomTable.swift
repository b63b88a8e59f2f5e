import CWeir

/// weir/ext/room.h.
enum RoomTable {
    nonisolated(unsafe) static let shared = unsafe HostExtensions.table(  // immutable
        weir_room(
            size: UInt32(MemoryLayout<weir_room>.size), reserved: 0,
            emit: { host, batch, patience, done, context, error in
                let address = UInt(bitPattern: context)
                let done = unsafe done!
                return unsafe ComponentInstance.from(host).emit(
                    HostBatch.from(batch!), waiting: patience,
                    told: { outcome in
                        unsafe withUnsafePointer(to: outcome) {
                            unsafe done(UnsafeMutableRawPointer(bitPattern: address), $0)
                        }
                    }, error: error!)
            }))
}
