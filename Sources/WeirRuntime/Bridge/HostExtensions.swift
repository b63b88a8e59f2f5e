import CWeir

/// What this host has beyond its core, by id.
enum HostExtensions {
    static func find(_ id: String) -> UnsafeRawPointer? {
        switch id {
        case WEIR_EXT_TIMER: unsafe UnsafeRawPointer(TimerTable.shared)
        case WEIR_EXT_HTTP_SERVER: unsafe UnsafeRawPointer(HTTPServerTable.shared)
        case WEIR_EXT_HTTP_CLIENT: unsafe UnsafeRawPointer(HTTPClientTable.shared)
        case WEIR_EXT_ADMIN: unsafe UnsafeRawPointer(AdminTable.shared)
        case WEIR_EXT_STATUS: unsafe UnsafeRawPointer(StatusTable.shared)
        case WEIR_EXT_HASH: unsafe UnsafeRawPointer(HashTable.shared)
        case WEIR_EXT_REGEX: unsafe UnsafeRawPointer(RegexTable.shared)
        case WEIR_EXT_DOCUMENT: unsafe UnsafeRawPointer(DocumentTable.shared)
        case WEIR_EXT_DNS: unsafe UnsafeRawPointer(DNSTable.shared)
        case WEIR_EXT_ROOM: unsafe UnsafeRawPointer(RoomTable.shared)
        case WEIR_EXT_STREAM: unsafe UnsafeRawPointer(StreamTable.shared)
        default: nil
        }
    }

    /// What needs no running graph: for commands.
    static func findDetached(_ id: String) -> UnsafeRawPointer? {
        switch id {
        case WEIR_EXT_HASH, WEIR_EXT_REGEX, WEIR_EXT_DOCUMENT: unsafe find(id)
        default: nil
        }
    }

    /// A table that lives as long as the process.
    static func table<Table>(_ value: Table) -> UnsafePointer<Table> {
        let pointer = UnsafeMutablePointer<Table>.allocate(capacity: 1)
        unsafe pointer.initialize(to: value)
        return unsafe UnsafePointer(pointer)
    }
}
